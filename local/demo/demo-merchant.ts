import { randomInt } from 'node:crypto';
import type { Owner } from './sign-in-owner';

/** The demo merchant. On this machine alone: in the cloud nobody's password is written anywhere. */
export const demoOwner: Owner = {
  slug: 'demo',
  name: '演示商户 Demo Shop',
  email: 'owner@demo.example',
  password: 'Vouchsafe-demo-2026',
};

const characters = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';

const random = (length: number, from = characters): string =>
  Array.from({ length }, () => from[randomInt(from.length)]).join('');

const lines = (count: number, line: () => string): string => Array.from({ length: count }, line).join('\n');

const digits = '0123456789';

/** Three products as merchants of the field sell them, each SKU with keys in a format of its own. */
export const demoProducts = [
  {
    draft: {
      name: { 'zh-CN': '视频会员', en: 'Video membership' },
      description: {
        'zh-CN': '官方兑换码，购买后立即发货，支持手机、电视、平板。',
        en: 'Official redeem codes, delivered at once, for phone, television and tablet.',
      },
      instructions: {
        'zh-CN': '打开客户端 → 我的 → 兑换中心，输入卡密完成兑换。',
        en: 'Open the app, go to Me → Redeem, and enter the code.',
      },
      redeemLink: 'https://redeem.example.com/video',
      skus: [
        {
          name: { 'zh-CN': '月卡', en: 'One month' },
          priceCents: 1990,
          tiers: [{ minQuantity: 5, priceCents: 1890 }],
          limitPerOrder: 10,
        },
        { name: { 'zh-CN': '年卡', en: 'One year' }, priceCents: 19800, limitPerOrder: 5 },
      ],
    },
    imports: [
      { format: {}, text: () => lines(200, () => [random(4), random(4), random(4), random(4)].join('-')) },
      { format: {}, text: () => lines(50, () => [random(4), random(4), random(4), random(4)].join('-')) },
    ],
  },
  {
    draft: {
      name: { 'zh-CN': '游戏点卡', en: 'Game card' },
      description: {
        'zh-CN': '卡号与密码，全区通用。',
        en: 'Card number and password, valid in all regions.',
      },
      instructions: {
        'zh-CN': '登录充值中心，依次输入卡号和密码。',
        en: 'Sign in to the top-up centre and enter the card number and the password.',
      },
      skus: [{ name: { 'zh-CN': '100 点', en: '100 points' }, priceCents: 990, limitPerOrder: 20 }],
    },
    imports: [
      {
        format: {
          delimiter: ',',
          columns: [
            { index: 0, role: 'secret', label: '卡号' },
            { index: 1, role: 'secret', label: '密码' },
          ],
        },
        text: () => lines(300, () => `${random(12, digits)},${random(10, digits)}`),
      },
    ],
  },
  {
    draft: {
      name: { 'zh-CN': '音乐礼品卡', en: 'Music gift card' },
      description: { 'zh-CN': '有效期内兑换，库存不多。', en: 'To be redeemed while valid; few are left.' },
      instructions: { 'zh-CN': '在官网“礼品卡”页面兑换。', en: 'Redeem on the site’s gift card page.' },
      redeemLink: 'https://redeem.example.com/music',
      skus: [{ name: { 'zh-CN': '季卡', en: 'Three months' }, priceCents: 4500, limitPerOrder: 2 }],
    },
    imports: [
      {
        format: {
          delimiter: '----',
          columns: [
            { index: 0, role: 'secret', label: '卡密' },
            { index: 1, role: 'expires_at', label: '有效期' },
          ],
        },
        text: () => lines(8, () => `${random(16)}----2030-12-31`),
      },
    ],
  },
];
