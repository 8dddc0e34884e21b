import {
  ACCOUNT_ID,
  arnOf,
  type Provisioner,
  type Provisioners,
  REGION,
  type ResourceDefinition,
} from '../aws';

/** A name that the template chose, or the one it gets. */
const nameOf = ({ properties, physicalName }: ResourceDefinition, property: string): string => {
  const name = properties[property];
  return typeof name === 'string' ? name : physicalName;
};

const accepted: Provisioner = ({ physicalName }) => ({ ref: physicalName });

const alarm: Provisioner = (resource) => {
  const name = nameOf(resource, 'AlarmName');
  return { ref: name, attributes: { Arn: arnOf('cloudwatch', `alarm:${name}`) } };
};

/**
 * Types that are accepted without doing anything: they guard, watch or publish what runs in the cloud, and nothing
 * that a program does here depends on them. A type that neither stands here nor belongs to a service is refused.
 */
export const notEmulated: Provisioners = {
  'AWS::CDK::Metadata': accepted,

  'AWS::IAM::Role': (resource) => {
    const name = nameOf(resource, 'RoleName');
    return { ref: name, attributes: { Arn: `arn:aws:iam::${ACCOUNT_ID}:role/${name}`, RoleId: name } };
  },
  'AWS::IAM::Policy': accepted,
  'AWS::IAM::ManagedPolicy': (resource) => ({
    ref: `arn:aws:iam::${ACCOUNT_ID}:policy/${nameOf(resource, 'ManagedPolicyName')}`,
  }),

  'AWS::Logs::LogGroup': (resource) => {
    const name = nameOf(resource, 'LogGroupName');
    return { ref: name, attributes: { Arn: arnOf('logs', `log-group:${name}:*`) } };
  },
  'AWS::Logs::MetricFilter': accepted,
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::CompositeAlarm': alarm,
  'AWS::CloudWatch::Dashboard': (resource) => ({ ref: nameOf(resource, 'DashboardName') }),

  'AWS::SNS::Topic': (resource) => {
    const name = nameOf(resource, 'TopicName');
    const arn = arnOf('sns', name);
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
  },
  'AWS::SNS::TopicPolicy': accepted,
  'AWS::SNS::Subscription': accepted,

  'AWS::WAFv2::WebACL': (resource) => {
    const name = nameOf(resource, 'Name');
    const arn = arnOf('wafv2', `regional/webacl/${name}/${resource.logicalId}`);
    return {
      ref: `${name}|${resource.logicalId}|REGIONAL`,
      attributes: { Arn: arn, Id: resource.logicalId },
    };
  },
  'AWS::WAFv2::WebACLAssociation': accepted,

  'AWS::Amplify::App': ({ logicalId, physicalName }) => {
    const arn = arnOf('amplify', `apps/${logicalId}`);
    return {
      ref: arn,
      attributes: {
        Arn: arn,
        AppId: logicalId,
        AppName: physicalName,
        DefaultDomain: `${logicalId.toLowerCase()}.${REGION}.amplifyapp.invalid`,
      },
    };
  },
  'AWS::Amplify::Branch': (resource) => {
    const name = nameOf(resource, 'BranchName');
    return { ref: arnOf('amplify', `branches/${name}`), attributes: { BranchName: name } };
  },
};
