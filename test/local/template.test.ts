import { Template, type TemplateContext } from '../../local/assembly/template';

const template = (body: Record<string, unknown>, context: Partial<TemplateContext> = {}) =>
  new Template({ Resources: {}, ...body }, { stackName: 'Shop', ...context });

/** The value of an expression inside a resource's properties. */
const evaluate = (
  expression: unknown,
  { context, ...body }: { context?: Partial<TemplateContext>; [section: string]: unknown } = {},
) =>
  template(
    { Resources: { It: { Type: 'T', Properties: { value: expression } } }, ...body },
    context,
  ).propertiesOf('It').value;

const withTable = {
  Resources: {
    Reader: { Type: 'T', Properties: { table: { Ref: 'Table' }, arn: { 'Fn::GetAtt': ['Table', 'Arn'] } } },
    Table: { Type: 'T' },
  },
};

describe('the values of a template', () => {
  test.each([
    ['a join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }, 3]] }, 'a-us-east-1-3'],
    ['a split and a selection', { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    [
      'a substitution',
      { 'Fn::Sub': [`\${x}@\${AWS::StackName}`, { x: { Ref: 'AWS::AccountId' } }] },
      '000000000000@Shop',
    ],
    ['an escaped substitution', { 'Fn::Sub': `\${!kept}` }, `\${kept}`],
    ['base64', { 'Fn::Base64': 'hi' }, 'aGk='],
    ['availability zones', { 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b', 'us-east-1c']],
    ['a list without what is absent', [1, { Ref: 'AWS::NoValue' }, 2], [1, 2]],
    ['an object without what is absent', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    [
      'a policy condition that only looks like a condition',
      { Condition: { Bool: 'x' } },
      { Condition: { Bool: 'x' } },
    ],
  ])('%s is evaluated', (_, expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });

  test('mappings are looked up', () => {
    const Mappings = { Sizes: { dev: { memory: 128 } } };
    expect(evaluate({ 'Fn::FindInMap': ['Sizes', 'dev', 'memory'] }, { Mappings })).toBe(128);
    expect(() => evaluate({ 'Fn::FindInMap': ['Sizes', 'prod', 'memory'] }, { Mappings })).toThrow(
      'Stack Shop: mapping Sizes has no prod.memory',
    );
  });

  test('parameters take the given value, else their default', () => {
    const Parameters = {
      Stage: { Type: 'String', Default: 'dev' },
      Zones: { Type: 'CommaDelimitedList', Default: 'a, b' },
    };
    expect(evaluate({ Ref: 'Stage' }, { Parameters })).toBe('dev');
    expect(evaluate({ Ref: 'Zones' }, { Parameters })).toEqual(['a', 'b']);
    expect(evaluate({ Ref: 'Stage' }, { Parameters, context: { parameters: { Stage: 'prod' } } })).toBe(
      'prod',
    );
  });

  test('a parameter without value and default is refused by its name', () => {
    expect(() => template({ Parameters: { AlarmAddress: { Type: 'String' } } })).toThrow(
      'Stack Shop: parameter AlarmAddress has neither a value nor a default',
    );
  });

  test('what the CDK adds for the bootstrap of an account is tolerated', () => {
    const body = {
      Parameters: {
        BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/version' },
      },
      Rules: { CheckBootstrapVersion: { Assertions: [] } },
    };
    expect(template(body).order()).toEqual([]);
  });

  test('imports come from the stacks that are up', () => {
    expect(
      evaluate({ 'Fn::ImportValue': 'Data:Arn' }, { context: { imports: { 'Data:Arn': 'arn:x' } } }),
    ).toBe('arn:x');
    expect(() => evaluate({ 'Fn::ImportValue': 'Data:Arn' })).toThrow('no stack that is up exports Data:Arn');
  });

  test.each([
    [
      'an unknown intrinsic function',
      { 'Fn::Cidr': ['10.0.0.0/16', 6] },
      'Fn::Cidr is not supported locally',
    ],
    ['a function beside other keys', { 'Fn::Join': ['', []], other: 1 }, 'Fn::Join stands beside other keys'],
    ['an unknown reference', { Ref: 'Nowhere' }, 'there is no resource Nowhere'],
    ['a text made of an object', { 'Fn::Join': ['', [{ a: 1 }]] }, 'Fn::Join expects a text'],
    ['a selection past the end', { 'Fn::Select': [5, ['a']] }, 'Fn::Select finds nothing'],
  ])('%s is refused', (_, expression, message) => {
    expect(() => evaluate(expression)).toThrow(message);
  });

  test('a section that changes what the template means is refused by its name', () => {
    expect(() => template({ Transform: 'AWS::Serverless-2016-10-31' })).toThrow(/Transform/);
    expect(() => template({ Rules: { OnlyHere: {} } })).toThrow('rule OnlyHere is not evaluated locally');
  });
});

describe('conditions', () => {
  const Conditions = {
    IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
    IsDev: { 'Fn::Not': [{ Condition: 'IsProd' }] },
    Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'IsDev' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'IsDev' }] },
  };
  const Parameters = { Stage: { Type: 'String', Default: 'dev' } };
  const branch = (name: string) => evaluate({ 'Fn::If': [name, 'yes', 'no'] }, { Conditions, Parameters });

  test('are decided from the parameters', () => {
    expect(['IsProd', 'IsDev', 'Both', 'Either'].map(branch)).toEqual(['no', 'yes', 'no', 'yes']);
    expect(() => branch('Missing')).toThrow('there is no condition Missing');
  });

  test('leave out resources and outputs, and whoever refers to one is refused', () => {
    const shop = template({
      Conditions,
      Parameters,
      Resources: {
        Alarm: { Type: 'T', Condition: 'IsProd' },
        Queue: {
          Type: 'T',
          DependsOn: 'Alarm',
          Properties: { alarm: { 'Fn::If': ['IsProd', { Ref: 'Alarm' }, 'none'] } },
        },
        Broken: { Type: 'T', Properties: { alarm: { Ref: 'Alarm' } } },
      },
      Outputs: { Alarm: { Value: { Ref: 'Alarm' }, Condition: 'IsProd' } },
    });
    expect(shop.order()).toEqual(['Queue', 'Broken']);
    expect(shop.propertiesOf('Queue')).toEqual({ alarm: 'none' });
    expect(shop.outputs().outputs).toEqual({});
    expect(() => shop.propertiesOf('Broken')).toThrow(
      'Alarm is referred to but does not exist (condition IsProd)',
    );
  });
});

describe('the order of resources', () => {
  test('puts each after what it refers to in any way', () => {
    const shop = template({
      Resources: {
        A: { Type: 'T', Properties: { of: { 'Fn::Sub': `\${B.Arn}` } } },
        B: { Type: 'T', Properties: { of: { 'Fn::GetAtt': 'C.Arn' } } },
        C: { Type: 'T', DependsOn: ['D'] },
        D: { Type: 'T', Properties: { of: { 'Fn::Join': ['', [{ Ref: 'E' }]] } } },
        E: { Type: 'T' },
      },
    });
    expect(shop.order()).toEqual(['E', 'D', 'C', 'B', 'A']);
  });

  test('names the resources of a cycle', () => {
    const circle = template({
      Resources: {
        Start: { Type: 'T', DependsOn: 'A' },
        A: { Type: 'T', Properties: { of: { Ref: 'B' } } },
        B: { Type: 'T', DependsOn: 'A' },
      },
    });
    expect(() => circle.order()).toThrow('resources depend on each other: A -> B -> A');
  });
});

test('what was provisioned answers references, outputs and exports', () => {
  const shop = template({
    ...withTable,
    Outputs: {
      TableArn: {
        Value: { 'Fn::GetAtt': ['Table', 'Arn'] },
        Export: { Name: { 'Fn::Sub': `\${AWS::StackName}:TableArn` } },
      },
    },
  });
  expect(shop.order()).toEqual(['Table', 'Reader']);
  shop.resolve('Table', { ref: 'shop-table', attributes: { Arn: 'arn:table' } });
  expect(shop.propertiesOf('Reader')).toEqual({ table: 'shop-table', arn: 'arn:table' });
  expect(shop.outputs()).toEqual({
    outputs: { TableArn: 'arn:table' },
    exports: { 'Shop:TableArn': 'arn:table' },
  });
});

test('an attribute that a local resource does not have is refused by its name', () => {
  const shop = template(withTable);
  shop.resolve('Table', { ref: 'shop-table' });
  expect(() => shop.propertiesOf('Reader')).toThrow('Table (T) has no attribute Arn locally');
});
