import { checkAttacks } from './attack-makes-sense.js';
import { checkAttackNeeds } from './attack-needs.js';
import { checkTailKnowledge } from './blind-tail.js';
import { checkBlocks } from './block-depth.js';
import { checkChains } from './chain-order.js';
import type { Check } from './check.js';
import { checkCoverage } from './coverage.js';
import { checkHoldings } from './data-place.js';
import { checkDefenses } from './defense-place.js';
import { checkSliceNames } from './duplicate-slice.js';
import { checkFields } from './fields.js';
import { checkFrozen } from './frozen-quantise.js';
import { checkStatements } from './missing-statement.js';
import { checkSights } from './never-crosses.js';
import { checkCut } from './nothing-crosses.js';
import { checkFit } from './plugin-fits.js';
import { checkSecrets } from './private-grant.js';
import { checkRows } from './rows-apart.js';
import { checkSweeps } from './sweep.js';
import { checkTaskFits } from './task-fits.js';
import { checkAdversaries } from './unknown-adversary.js';
import { checkItems } from './unknown-item.js';
import { checkParties } from './unknown-party.js';
import { checkPlugins } from './unknown-plugin.js';
import { checkSlices } from './unknown-slice.js';
import { checkTask } from './unknown-task.js';
import { checkWords } from './unknown-word.js';

/** Every check; findings are sorted by place afterwards, so the order says nothing. */
export const checks: readonly Check[] = [
  checkAdversaries,
  checkAttackNeeds,
  checkAttacks,
  checkBlocks,
  checkChains,
  checkCoverage,
  checkCut,
  checkDefenses,
  checkFields,
  checkFit,
  checkFrozen,
  checkHoldings,
  checkItems,
  checkParties,
  checkPlugins,
  checkRows,
  checkSecrets,
  checkSights,
  checkSliceNames,
  checkSlices,
  checkStatements,
  checkSweeps,
  checkTailKnowledge,
  checkTask,
  checkTaskFits,
  checkWords,
];
