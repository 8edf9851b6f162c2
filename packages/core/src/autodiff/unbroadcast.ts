import type { Graph, Value } from '../graph/index.js';

/** Sums `dy` over the axes along which `like` was stretched, so that the result has the shape of `like`. */
export function unbroadcast(g: Graph, dy: Value, like: Value): Value {
  const extra = dy.shape.length - like.shape.length;
  const stretched = dy.shape.flatMap((dim, axis) =>
    axis >= extra && like.shape[axis - extra] === 1 && dim !== 1 ? [axis] : [],
  );
  const leading = Array.from({ length: extra }, (_, axis) => axis);
  const kept = stretched.length > 0 ? g.sum(dy, stretched, true) : dy;
  return leading.length > 0 ? g.sum(kept, leading, false) : kept;
}
