/** Facts about tables that both the infrastructure and the stores need. Access patterns: docs/data-model.md. */

export interface TableFacts {
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly timeToLive?: string;
  readonly index?: { readonly name: string; readonly partitionKey: string; readonly sortKey: string };
}

export const tables = {
  merchants: { partitionKey: 'pk', sortKey: 'sk' },
  catalog: { partitionKey: 'pk', sortKey: 'sk' },
  vault: { partitionKey: 'pk', sortKey: 'sk' },
  secrets: { partitionKey: 'secretId' },
  orders: {
    partitionKey: 'pk',
    index: { name: 'due', partitionKey: 'dueShard', sortKey: 'dueAt' },
  },
  guards: { partitionKey: 'pk', timeToLive: 'expiresAtSeconds' },
  audit: { partitionKey: 'pk', sortKey: 'sk' },
} as const satisfies Record<string, TableFacts>;

export type TableName = keyof typeof tables;
