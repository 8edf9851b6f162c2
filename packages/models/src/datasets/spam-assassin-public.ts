import { defineDataset } from '@vflair/core/contract';
import { MAIL_CLASSES, spamMails } from '../text/spam-mails.js';

/**
 * The public half of the SpamAssassin mails, for pretraining and as an adversary's auxiliary data: no mail of it is a
 * near-duplicate of one in `spam-assassin`. It has no test rows.
 */
export default defineDataset({
  id: 'spam-assassin-public',
  title: 'SpamAssassin mails, public half',
  licence: 'PDDL-1.0, CC0-1.0',
  classes: MAIL_CLASSES,
  load() {
    return { train: spamMails().public, test: [], classes: MAIL_CLASSES };
  },
});
