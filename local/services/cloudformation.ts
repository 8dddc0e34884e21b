import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { stackIdOf } from '../assembly/template';
import { AwsError } from '../aws';
import { readBody } from '../request-body';
import { element, type Xml, xmlDocument } from './xml';

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

/** What the local CloudFormation knows of a stack that is up. */
export interface StackDescription {
  readonly name: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** CloudFormation as far as tools ask it for outputs: DescribeStacks in the Query protocol. */
export class CloudFormation {
  readonly #stacks: readonly StackDescription[];
  readonly #createdAt: number;

  constructor(stacks: readonly StackDescription[], now: () => number = Date.now) {
    this.#stacks = stacks;
    this.#createdAt = now();
  }

  /** Answers a Query request to `/`; says whether it did. */
  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
    if (request.method !== 'POST' || url.pathname !== '/' || !isForm) return false;
    const form = new URLSearchParams((await readBody(request)).toString());
    const { status, document } = this.#answer(form);
    response.writeHead(status, { 'content-type': 'text/xml' }).end(document);
    return true;
  }

  #answer(form: URLSearchParams): { status: number; document: string } {
    const metadata = element('RequestId', randomUUID());
    try {
      const action = form.get('Action');
      if (action !== 'DescribeStacks') {
        throw new AwsError('InvalidAction', `CloudFormation ${action} is not implemented locally`);
      }
      const stacks = element('Stacks', this.#describe(form.get('StackName')));
      const result = element('DescribeStacksResult', stacks);
      const answer = [result, element('ResponseMetadata', metadata)];
      return { status: 200, document: xmlDocument('DescribeStacksResponse', NAMESPACE, answer) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const described = [
        element('Type', 'Sender'),
        element('Code', error.code),
        element('Message', error.message),
      ];
      const answer = [element('Error', described), metadata];
      return { status: error.status, document: xmlDocument('ErrorResponse', NAMESPACE, answer) };
    }
  }

  #describe(nameOrId: string | null): Xml[] {
    const wanted = this.#stacks.filter(
      ({ name }) => nameOrId === null || nameOrId === name || nameOrId === stackIdOf(name),
    );
    if (wanted.length === 0 && nameOrId !== null) {
      throw new AwsError('ValidationError', `Stack with id ${nameOrId} does not exist`);
    }
    return wanted.map(({ name, outputs }) =>
      element(
        'member',
        element('StackName', name),
        element('StackId', stackIdOf(name)),
        element('CreationTime', new Date(this.#createdAt).toISOString()),
        element('StackStatus', 'CREATE_COMPLETE'),
        element(
          'Outputs',
          Object.entries(outputs).map(([key, value]) =>
            element('member', element('OutputKey', key), element('OutputValue', value)),
          ),
        ),
      ),
    );
  }
}
