/** The kinds of answers that the gateway itself gives instead of an integration. */
export const GATEWAY_RESPONSE_TYPES = [
  'ACCESS_DENIED',
  'API_CONFIGURATION_ERROR',
  'AUTHORIZER_CONFIGURATION_ERROR',
  'AUTHORIZER_FAILURE',
  'BAD_REQUEST_BODY',
  'BAD_REQUEST_PARAMETERS',
  'DEFAULT_4XX',
  'DEFAULT_5XX',
  'EXPIRED_TOKEN',
  'INTEGRATION_FAILURE',
  'INTEGRATION_TIMEOUT',
  'INVALID_API_KEY',
  'INVALID_SIGNATURE',
  'MISSING_AUTHENTICATION_TOKEN',
  'QUOTA_EXCEEDED',
  'REQUEST_TOO_LARGE',
  'RESOURCE_NOT_FOUND',
  'THROTTLED',
  'UNAUTHORIZED',
  'UNSUPPORTED_MEDIA_TYPE',
  'WAF_FILTERED',
] as const;

export type GatewayResponseType = (typeof GATEWAY_RESPONSE_TYPES)[number];

/** Ends a request with the gateway's own answer of this type. */
export class GatewayError extends Error {
  constructor(
    readonly type: GatewayResponseType,
    /** Unless a GatewayResponse of the template says otherwise. */
    readonly status: number,
    message: string,
    /** What `x-amzn-errortype` says. */
    readonly errorType = status < 500 ? 'BadRequestException' : 'InternalServerErrorException',
  ) {
    super(message);
  }
}
