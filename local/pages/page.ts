import type { ServerResponse } from 'node:http';
import { type Content, type Html, html } from './html';

const REFRESH_SECONDS = 5;

/** What a browser may do with any page here, by directive; a page adds what it needs. */
const POLICY = {
  'default-src': "'none'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'form-action': "'self'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
};

export interface Page {
  readonly title: string;
  readonly main: Html;
  /** 200 unless told. */
  readonly status?: number;
  /** Shows what changes: it loads itself again every few seconds, until a person pauses it. */
  readonly live?: boolean;
  readonly head?: Html;
  /** Directives of the Content-Security-Policy beyond those of all pages. */
  readonly policy?: Readonly<Record<string, string>>;
}

/** A page that only says something. */
export const notice = (status: number, title: string, text: Content): Page => ({
  status,
  title,
  main: html`<main class="plain"><h1>${title}</h1><p>${text}</p></main>`,
});

export function sendPage(response: ServerResponse, page: Page, url: URL): void {
  const policy = Object.entries({ ...POLICY, ...page.policy }).map((directive) => directive.join(' '));
  send(response, page.status ?? 200, 'text/html; charset=utf-8', documentOf(page, url).markup, {
    'content-security-policy': policy.join('; '),
  });
}

export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  content: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(content),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // Not `no-referrer`: the form of a page would then name no origin.
    'referrer-policy': 'same-origin',
    ...headers,
  });
  response.end(content);
}

const LINKS = [
  ['/', 'Operations'],
  ['/mailbox', 'Mailbox'],
  ['/api-docs/storefront', 'Storefront API'],
  ['/api-docs/console', 'Console API'],
] as const;

function documentOf({ title, main, live, head }: Page, { pathname, searchParams }: URL): Html {
  const refreshes = live && searchParams.get('refresh') !== 'off';
  const links = LINKS.map(
    ([path, text]) =>
      html`<li><a href="${path}"${path === pathname && html` aria-current="page"`}>${text}</a></li>\n`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refreshes && html`<meta http-equiv="refresh" content="${REFRESH_SECONDS}">\n`}<title>${title} · Vouchsafe on this machine</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/pages/style.css">
${head}</head>
<body>
<header>
<strong>Vouchsafe <span class="aside">on this machine</span></strong>
<nav><ul>
${links}</ul></nav>
${live && refreshSwitch(refreshes === true)}</header>
${main}
</body>
</html>
`;
}

const refreshSwitch = (refreshes: boolean): Html =>
  refreshes
    ? html`<p class="refresh">Refreshes every ${REFRESH_SECONDS} s <a href="?refresh=off">Pause</a></p>\n`
    : html`<p class="refresh">Paused <a href="?">Resume</a></p>\n`;
