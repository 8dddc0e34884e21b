/** Names of the environment variables that the infrastructure sets and the wiring reads. */
export const environment = {
  table: {
    merchants: 'MERCHANTS_TABLE',
    catalog: 'CATALOG_TABLE',
    vault: 'VAULT_TABLE',
    secrets: 'SECRETS_TABLE',
    orders: 'ORDERS_TABLE',
    guards: 'GUARDS_TABLE',
    audit: 'AUDIT_TABLE',
  },
  cardKeysKey: 'CARD_KEYS_KEY_ARN',
  macKey: 'MAC_KEY_ARN',
  filesBucket: 'FILES_BUCKET',
  importQueue: 'IMPORT_QUEUE_URL',
  deadlineQueue: 'DEADLINE_QUEUE_URL',
  deliveryWorkflow: 'DELIVERY_WORKFLOW_ARN',
  staffPool: 'STAFF_POOL_ID',
  paymentGateway: 'PAYMENT_GATEWAY',
  sandboxGatewayUrl: 'SANDBOX_GATEWAY_URL',
  sandboxGatewaySecret: 'SANDBOX_GATEWAY_SECRET_ARN',
} as const;
