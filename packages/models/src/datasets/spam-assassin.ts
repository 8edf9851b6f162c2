import { defineDataset } from '@vflair/core/contract';
import { MAIL_CLASSES, spamMails } from '../text/spam-mails.js';

/** The private half of the SpamAssassin mails, subject and body only; a quarter of its clusters is for testing. */
export default defineDataset({
  id: 'spam-assassin',
  title: 'SpamAssassin mails, private half',
  licence: 'PDDL-1.0, CC0-1.0',
  classes: MAIL_CLASSES,
  load() {
    const { train, test } = spamMails();
    return { train, test, classes: MAIL_CLASSES };
  },
});
