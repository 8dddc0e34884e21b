import { TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * Lets writes fail in ways that DynamoDB Local never does: a transaction for `reasons`, item by item; any other
 * write by the transaction that it collides with.
 */
export function failWrites(
  client: DynamoDBDocumentClient,
  operation: 'TransactWriteItems' | 'PutItem',
  reasons: readonly string[] = [],
): void {
  const $metadata = {};
  const message = 'Transaction cancelled';
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== `${operation}Command`) return next(args);
      throw operation === 'PutItem'
        ? new TransactionConflictException({ $metadata, message })
        : new TransactionCanceledException({
            $metadata,
            message,
            CancellationReasons: reasons.map((Code) => ({ Code })),
          });
    },
    { step: 'build', name: 'failWrites' },
  );
}
