import { consoleCatalogRoutes, storefrontCatalogRoutes } from './catalog';
import { consoleImportRoutes } from './imports';
import { consoleMerchantRoutes } from './merchants';
import { buyerRevealRoutes, consoleOrderRoutes, storefrontOrderRoutes } from './orders';
import { type Gateway, sandboxCallbackRoutes } from './payments';
import type { Api } from './route';

/** Groups are named after the function that serves them. */
export const storefrontApi = (gateways: readonly Gateway[]) =>
  ({
    name: 'storefront',
    title: 'Vouchsafe storefront API',
    description: 'What buyers use: browse, order, pay, receive.',
    groups: {
      'storefront-catalog': storefrontCatalogRoutes,
      'storefront-orders': storefrontOrderRoutes,
      'buyer-reveal': buyerRevealRoutes,
      ...(gateways.includes('sandbox') ? { 'sandbox-callback': sandboxCallbackRoutes } : {}),
    },
  }) satisfies Api;

export const consoleApi = {
  name: 'console',
  title: 'Vouchsafe console API',
  description: 'What a merchant’s staff use. Needs an ID token of the staff pool.',
  groups: {
    'console-merchant': consoleMerchantRoutes,
    'console-catalog': consoleCatalogRoutes,
    'console-imports': consoleImportRoutes,
    'console-orders': consoleOrderRoutes,
  },
} as const satisfies Api;
