import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { DeliveryInput } from '../../contract/orders';
import type { DeliveryWorkflow } from '../app/ports';

/** The Express state machine `order-delivery`: at-least-once, so its steps are all conditional. */
export class SfnDeliveryWorkflow implements DeliveryWorkflow {
  constructor(
    private readonly stepFunctions: SFNClient,
    private readonly stateMachineArn: string,
  ) {}

  async start(orderId: string): Promise<void> {
    const input: DeliveryInput = { orderId };
    await this.stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn: this.stateMachineArn, input: JSON.stringify(input) }),
    );
  }
}
