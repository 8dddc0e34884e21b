import type { Platform, Services } from '../platform';

/** As much of the platform as its pages show. */
export interface ShownPlatform extends Pick<Platform, 'outputs'> {
  readonly services: {
    readonly apiGateway: Pick<Services['apiGateway'], 'apis'>;
    readonly lambda: Pick<Services['lambda'], 'functions'>;
    readonly mailbox: Pick<Services['mailbox'], 'messages'>;
    readonly scheduler: Pick<Services['scheduler'], 'schedules'>;
    readonly sqs: Pick<Services['sqs'], 'queues' | 'messages' | 'call'>;
    readonly stepFunctions: Pick<Services['stepFunctions'], 'executions'>;
  };
}

export const stacksOf = ({ outputs }: ShownPlatform): string[] => Object.keys(outputs);
