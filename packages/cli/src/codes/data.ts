import type { CodeTable } from '@vflair/dsl';

/** VF540 to VF548, VF566 and VF567: rows. */
export const dataCodes: CodeTable = {
  VF540: {
    title: 'a data file that can’t be read',
    explanation:
      'Rows are read from `.tsv`, `.csv` and `.jsonl` files in UTF-8. Convert others; a table saved in another encoding is saved again as UTF-8.',
    language: 'sh',
    wrong: 'mv mails.latin1 mails.tsv',
    right: 'iconv -f latin1 -t utf8 mails.latin1 > mails.tsv',
  },
  VF541: {
    title: 'a data file without rows',
    explanation: 'The file is empty, or has a header and nothing below it.',
    language: 'tsv',
    wrong: 'text\tlabel',
    right: 'text\tlabel\na fine film\t1',
  },
  VF542: {
    title: 'a column the data file does not have',
    explanation:
      'Columns are named as in the first line of the file, or as the fields of a `.jsonl` file. The hint shows the nearest names.',
    wrong: 'data "./reviews.tsv" { columns { text "sentense" } }',
    right: 'data "./reviews.tsv" { columns { text "sentence" } }',
  },
  VF543: {
    title: 'a row without a text or a label',
    explanation:
      'Every row has a text that is not blank. Where a task has labels, every row has one, too; the message names the line.',
    language: 'tsv',
    wrong: 'text\tlabel\na fine film\t1\nno plot\t',
    right: 'text\tlabel\na fine film\t1\nno plot\t0',
  },
  VF544: {
    title: 'a label that is no class of the task',
    explanation:
      'Labels are whole numbers from 0 to one below `labels` of the task. Number names of classes before, or correct `labels`.',
    language: 'tsv',
    wrong: 'text\tlabel\na fine film\tpositive',
    right: 'text\tlabel\na fine film\t1',
  },
  VF545: {
    title: 'a line of a data file that can’t be read',
    explanation:
      'A `.csv` file quotes as RFC 4180 says: a cell with a comma, a quote or a line end stands in `"`, and quotes in it are doubled. A `.jsonl` file has one object per line.',
    language: 'csv',
    wrong: 'text,label\n"a "fine" film",1',
    right: 'text,label\n"a ""fine"" film",1',
  },
  VF546: {
    title: 'columns that are told in a way that does not suit the file',
    explanation:
      'All columns are names, for a file whose first line names them and for `.jsonl`; or all are numbers from 1, for a file without such a line.',
    wrong: 'data "./reviews.jsonl" { columns { text 1, label 2 } }',
    right: 'data "./reviews.jsonl" { columns { text "review", label "stars" } }',
  },
  VF547: {
    title: 'texts that were cut',
    explanation:
      'A warning: some texts have more tokens than `max-length`, and what comes after was left out. Without `max-length` the model’s own limit holds.',
    wrong: 'data "spam-assassin" { max-length 8 }',
    right: 'data "spam-assassin" { max-length 128 }',
  },
  VF548: {
    title: 'texts without a token',
    explanation:
      'A warning: of some texts the tokenizer makes nothing, and the rows were left out. They hold only signs that it drops, such as the `\uFFFD` of a text that was read in the wrong encoding.',
    language: 'tsv',
    wrong: 'text\tlabel\na fine film\t1\n\uFFFD\t0',
    right: 'text\tlabel\na fine film\t1',
  },
  VF566: {
    title: 'data on a hub',
    explanation:
      'This version reads data of the catalog and files. Nothing is fetched while a plan runs, so that it gives the same on every machine: fetch the rows yourself and name the file.',
    wrong: 'data "hf:glue/sst2"',
    right: 'data "./sst2.tsv"',
  },
  VF567: {
    title: 'no row to test on',
    explanation:
      'Every pipeline measures something on test rows. With one file the first rows of a seeded shuffle are the test rows; with `test-file` they come from there.',
    wrong: 'data "./rows.tsv" { train 800, test 0 }',
    right: 'data "./rows.tsv" { train 800, test 200 }',
  },
};
