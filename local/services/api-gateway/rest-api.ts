import type { CognitoAuthorizer } from './cognito-authorizer';
import type { GatewayResponse } from './gateway-response';
import type { GatewayResponseType } from './gateway-response-types';
import type { MockIntegration } from './mock-integration';

export interface LambdaIntegration {
  readonly functionArn: string;
  readonly timeoutMs: number;
}

export interface RequiredParameter {
  readonly place: 'header' | 'querystring' | 'path';
  readonly name: string;
}

export interface Method {
  readonly authorizerId: string | undefined;
  readonly validatorId: string | undefined;
  readonly requiredParameters: readonly RequiredParameter[];
  readonly integration: LambdaIntegration | MockIntegration;
}

export interface Route {
  readonly method: Method;
  readonly resourceId: string;
  /** The template's path, such as `/orders/{id}`. */
  readonly resourcePath: string;
  /** Still percent-encoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface Resource {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly pathPart: string;
}

interface Stage {
  readonly variables: Readonly<Record<string, string>> | undefined;
}

/** One REST API: the tree of its resources with their methods, and what its methods refer to. */
export class RestApi {
  readonly rootResourceId: string;
  readonly stages = new Map<string, Stage>();
  readonly authorizers = new Map<string, CognitoAuthorizer>();
  readonly gatewayResponses = new Map<GatewayResponseType, GatewayResponse>();
  /** By id: whether the validator checks request parameters. */
  readonly validators = new Map<string, boolean>();
  readonly #resources = new Map<string, Resource>();
  /** By resource id, then by HTTP method or ANY. */
  readonly #methods = new Map<string, Map<string, Method>>();

  constructor(
    readonly id: string,
    readonly name: string,
    readonly binaryMediaTypes: readonly string[],
  ) {
    this.rootResourceId = `${id}root`;
    this.#resources.set(this.rootResourceId, { id: this.rootResourceId, parentId: undefined, pathPart: '' });
  }

  addResource(resource: Resource): void {
    this.#resources.set(resource.id, resource);
  }

  addMethod(resourceId: string, httpMethod: string, method: Method): void {
    const methods = this.#methods.get(resourceId) ?? new Map<string, Method>();
    this.#methods.set(resourceId, methods.set(httpMethod, method));
  }

  /** The method that serves the path: at each step a fixed name goes before `{name}`, and that before `{name+}`. */
  route(httpMethod: string, path: string): Route | undefined {
    const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/');
    return this.#descend(this.rootResourceId, path === '/' ? [] : segments, httpMethod, '', {});
  }

  /** Whether the content type is one of the API's binary media types. */
  isBinary(contentType: string): boolean {
    const mediaType = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
    return this.binaryMediaTypes.some(
      (pattern) =>
        pattern === '*/*' ||
        pattern.toLowerCase() === mediaType ||
        (pattern.endsWith('/*') && mediaType.startsWith(pattern.slice(0, -1).toLowerCase())),
    );
  }

  #descend(
    resourceId: string,
    segments: readonly string[],
    httpMethod: string,
    resourcePath: string,
    pathParameters: Record<string, string>,
  ): Route | undefined {
    const [segment, ...rest] = segments;
    if (segment === undefined) {
      const methods = this.#methods.get(resourceId);
      const method = methods?.get(httpMethod) ?? methods?.get('ANY');
      return method && { method, resourceId, resourcePath: resourcePath || '/', pathParameters };
    }
    for (const { id, pathPart } of this.#children(resourceId)) {
      const path = `${resourcePath}/${pathPart}`;
      const [, name, greedy] = /^\{([^}+]+)(\+?)\}$/.exec(pathPart) ?? [];
      let found: Route | undefined;
      if (name === undefined) {
        if (pathPart === segment) found = this.#descend(id, rest, httpMethod, path, pathParameters);
      } else if (segment !== '') {
        const value = greedy ? segments.join('/') : segment;
        found = this.#descend(id, greedy ? [] : rest, httpMethod, path, { ...pathParameters, [name]: value });
      }
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #children(resourceId: string): Resource[] {
    const rank = ({ pathPart }: Resource) => (pathPart.endsWith('+}') ? 2 : pathPart.startsWith('{') ? 1 : 0);
    return [...this.#resources.values()]
      .filter(({ parentId }) => parentId === resourceId)
      .sort((a, b) => rank(a) - rank(b));
  }
}
