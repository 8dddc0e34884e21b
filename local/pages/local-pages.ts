import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpHandler } from '../endpoint';
import { apiDocumentPage, notGenerated, readApiDocument } from './api-documents';
import { executionPage, executionsPage } from './execution-pages';
import { mailboxPage, mailPage } from './mail-pages';
import { operationsPage } from './operations-page';
import { notice, type Page, send, sendPage } from './page';
import { queuePage } from './queue-page';
import { redrive } from './redrive';
import type { ShownPlatform } from './shown-platform';
import { staticFile } from './static-files';

export interface LocalPagesOptions {
  /** Holds the generated `storefront.json` and `console.json`. */
  readonly openApiFolder: string;
}

/** Makes the page of a path, whose name is given decoded; undefined when what is named does not exist. */
type View = (platform: ShownPlatform, name: string) => Page | undefined | Promise<Page | undefined>;

const REDRIVE = /^\/queues\/([^/]+)\/redrive$/;
const API_DOCUMENT = /^\/api-docs\/(storefront|console)\.json$/;

const notFound = notice(404, 'Not found', 'There is no such thing here, or it is gone.');
const starting = notice(503, 'Starting', 'The platform is not ready yet.');

/**
 * The pages for the person at this machine: operations, mailbox and API documents, and `/health`.
 * @param platform answers undefined until the platform is ready
 */
export function localPages(
  platform: () => ShownPlatform | undefined,
  { openApiFolder }: LocalPagesOptions,
): HttpHandler {
  const views: readonly (readonly [RegExp, View])[] = [
    [/^\/$/, operationsPage],
    [/^\/queues\/([^/]+)$/, queuePage],
    [/^\/executions$/, executionsPage],
    [/^\/executions\/([^/]+)$/, executionPage],
    [/^\/mailbox$/, mailboxPage],
    [/^\/mailbox\/([^/]+)$/, mailPage],
    [/^\/api-docs\/([^/.]+)$/, (shown, name) => apiDocumentPage(openApiFolder, shown, name)],
  ];

  const answerRead = async (response: ServerResponse, url: URL): Promise<boolean> => {
    const shown = platform();
    if (url.pathname === '/health') {
      send(response, shown ? 200 : 503, 'text/plain; charset=utf-8', shown ? 'ok' : 'starting');
      return true;
    }
    const file = await staticFile(url.pathname);
    if (file !== undefined) {
      send(response, 200, file.contentType, file.content);
      return true;
    }
    const document = API_DOCUMENT.exec(url.pathname)?.[1];
    if (document !== undefined) {
      const content = await readApiDocument(openApiFolder, document);
      if (content === undefined) sendPage(response, notGenerated, url);
      else send(response, 200, 'application/json; charset=utf-8', content);
      return true;
    }
    for (const [path, view] of views) {
      const match = path.exec(url.pathname);
      if (match === null) continue;
      const page = shown ? await view(shown, decoded(match[1] ?? '')) : starting;
      sendPage(response, page ?? notFound, url);
      return true;
    }
    return false;
  };

  const answerRedrive = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    const name = REDRIVE.exec(url.pathname)?.[1];
    if (name === undefined) return false;
    const shown = platform();
    const result = shown ? await redrive(shown, decoded(name), request) : starting;
    if (result !== undefined && 'location' in result) response.writeHead(303, result).end();
    else sendPage(response, result ?? notFound, url);
    return true;
  };

  return async (request, response, url) => {
    if (request.method === 'GET' || request.method === 'HEAD') return answerRead(response, url);
    return request.method === 'POST' && answerRedrive(request, response, url);
  };
}

/** Nothing has a name that cannot be decoded, so that the path as it stands finds nothing either. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
