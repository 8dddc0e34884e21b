import { html } from './html';
import { isHtml, textOfHtml } from './mail-text';
import type { Page } from './page';
import type { ShownPlatform } from './shown-platform';
import { table } from './table';
import { moment } from './text';

/** Every mail that the platform sent, newest first. */
export function mailboxPage({ services }: ShownPlatform): Page {
  return {
    title: 'Mailbox',
    live: true,
    main: html`<main class="plain">
<h1>Mailbox</h1>
<p class="aside">Every mail that the platform sends arrives here and nowhere else. The latest 500 are kept.</p>
${table(
  ['Subject', 'To', 'Time'],
  services.mailbox
    .messages()
    .map(({ id, to, subject, at }) => [
      html`<a href="/mailbox/${id}">${subject || '(no subject)'}</a>`,
      to,
      moment(at),
    ]),
  'No mail was sent yet.',
)}
</main>`,
  };
}

/** One mail; its HTML runs no script, opens no window and loads nothing from elsewhere. */
export function mailPage({ services }: ShownPlatform, id: string): Page | undefined {
  const mail = services.mailbox.messages().find((candidate) => String(candidate.id) === id);
  if (mail === undefined) return undefined;
  const { to, subject, text, at } = mail;
  const title = subject || '(no subject)';
  const hasHtml = isHtml(text);
  return {
    title,
    // The frame is bound by this policy too, and mails are styled inline.
    policy: hasHtml ? { 'frame-src': "'self'", 'style-src': "'self' 'unsafe-inline'" } : {},
    main: html`<main class="plain">
<h1>${title}</h1>
<dl>
<dt>To</dt><dd>${to}</dd>
<dt>Time</dt><dd>${moment(at)}</dd>
</dl>
<pre class="mail">${hasHtml ? textOfHtml(text) : text}</pre>
${hasHtml && html`<h2>As HTML</h2>\n<iframe title="The mail as HTML" sandbox="" srcdoc="${text}"></iframe>\n`}<p><a href="/mailbox">All messages</a></p>
</main>`,
  };
}
