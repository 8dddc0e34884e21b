import { createHash } from 'node:crypto';
import type { Provisioners } from '../../aws';
import { parseProperties } from '../resource-properties';
import { cognitoAuthorizer } from './cognito-authorizer';
import { gatewayResponse } from './gateway-response';
import { mockIntegration } from './mock-integration';
import { type RequiredParameter, RestApi } from './rest-api';
import * as properties from './template-properties';

/** Builds REST APIs from the resources of a template. Types that are not here (usage plans, keys, models) are refused. */
export function apiProvisioners(apis: Map<string, RestApi>): Provisioners {
  const apiOf = ({ RestApiId }: { RestApiId: string }): RestApi => {
    const api = apis.get(RestApiId);
    if (api === undefined) throw new Error(`There is no REST API ${RestApiId}`);
    return api;
  };
  return {
    'AWS::ApiGateway::RestApi': (resource) => {
      const { Name, BinaryMediaTypes } = parseProperties(resource, properties.restApiProperties);
      const api = new RestApi(shortId(resource.physicalName), Name, BinaryMediaTypes);
      apis.set(api.id, api);
      return { ref: api.id, attributes: { RestApiId: api.id, RootResourceId: api.rootResourceId } };
    },
    'AWS::ApiGateway::Resource': (resource) => {
      const parsed = parseProperties(resource, properties.resourceProperties);
      const id = shortId(resource.physicalName);
      apiOf(parsed).addResource({ id, parentId: parsed.ParentId, pathPart: parsed.PathPart });
      return { ref: id, attributes: { ResourceId: id } };
    },
    'AWS::ApiGateway::Method': (resource) => {
      const parsed = parseProperties(resource, properties.methodProperties);
      const { Integration, AuthorizationType, AuthorizerId } = parsed;
      if (AuthorizationType !== 'NONE' && AuthorizerId === undefined) {
        throw new Error(`${resource.type} ${resource.logicalId} names no authorizer`);
      }
      apiOf(parsed).addMethod(parsed.ResourceId, parsed.HttpMethod, {
        authorizerId: AuthorizationType === 'NONE' ? undefined : AuthorizerId,
        validatorId: parsed.RequestValidatorId,
        requiredParameters: requiredParameters(parsed.RequestParameters),
        integration:
          Integration.Type === 'MOCK'
            ? mockIntegration(Integration)
            : { functionArn: Integration.Uri, timeoutMs: Integration.TimeoutInMillis },
      });
      return { ref: resource.physicalName };
    },
    'AWS::ApiGateway::Authorizer': (resource) => {
      const parsed = parseProperties(resource, properties.authorizerProperties);
      const id = shortId(resource.physicalName);
      apiOf(parsed).authorizers.set(id, cognitoAuthorizer(parsed));
      return { ref: id, attributes: { AuthorizerId: id } };
    },
    'AWS::ApiGateway::RequestValidator': (resource) => {
      const parsed = parseProperties(resource, properties.requestValidatorProperties);
      const id = shortId(resource.physicalName);
      apiOf(parsed).validators.set(id, parsed.ValidateRequestParameters);
      return { ref: id, attributes: { RequestValidatorId: id } };
    },
    'AWS::ApiGateway::GatewayResponse': (resource) => {
      const parsed = parseProperties(resource, properties.gatewayResponseProperties);
      apiOf(parsed).gatewayResponses.set(parsed.ResponseType, gatewayResponse(parsed));
      return { ref: resource.physicalName, attributes: { Id: resource.physicalName } };
    },
    'AWS::ApiGateway::Deployment': (resource) => {
      apiOf(parseProperties(resource, properties.deploymentProperties));
      const id = shortId(resource.physicalName);
      return { ref: id, attributes: { DeploymentId: id } };
    },
    'AWS::ApiGateway::Stage': (resource) => {
      const parsed = parseProperties(resource, properties.stageProperties);
      apiOf(parsed).stages.set(parsed.StageName, { variables: parsed.Variables });
      return { ref: parsed.StageName };
    },
    'AWS::ApiGateway::Account': (resource) => {
      parseProperties(resource, properties.accountProperties);
      return { ref: resource.physicalName, attributes: { Id: resource.physicalName } };
    },
  };
}

/** Ten letters and digits, as AWS gives them, always the same ones for a name. */
function shortId(physicalName: string): string {
  const digest = createHash('sha256').update(physicalName).digest('hex');
  return BigInt(`0x${digest}`).toString(36).slice(0, 10);
}

/** From `method.request.header.Idempotency-Key: true`; those that are false are optional. */
function requiredParameters(parameters: Record<string, boolean>): RequiredParameter[] {
  return Object.entries(parameters).flatMap(([parameter, required]) => {
    const [, , place, name] = parameter.split('.');
    if (!required || name === undefined) return [];
    return place === 'header' || place === 'querystring' || place === 'path' ? [{ place, name }] : [];
  });
}
