import type { Action, Link, PageContent, Payment } from './payment-link';

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const labels: Record<Action, string> = {
  pay: '支付 · Pay',
  fail: '支付失败 · Fail',
  pay_twice: '重复支付 · Pay twice',
  pay_late: '超时后支付 · Pay late',
  pay_wrong_amount: '金额不符 · Pay a wrong amount',
};

/** What a buyer sees at the sandbox gateway. */
export const paymentPage = (content: PageContent): string => `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>沙箱支付 · Sandbox payment</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328 }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; overflow-wrap: anywhere }
  dt { color: #59636e } dd { margin: 0 }
  button { display: block; width: 100%; margin: .5rem 0; padding: .75rem; font: inherit; border: 1px solid #d1d9e0;
    border-radius: .5rem; background: #fff }
  button:first-of-type { background: #1f6feb; border-color: #1f6feb; color: #fff }
</style>
<h1>沙箱支付 <small>Sandbox payment</small></h1>
${'error' in content ? `<p>${escaped(content.error)}</p>` : body(content.link, content.payments)}
</html>
`;

function body(link: Link, payments: readonly Payment[] | undefined): string {
  const amount = (Number(link.amountCents) / 100).toFixed(2);
  const hidden = Object.entries(link)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
    .join('');
  const buttons = Object.entries(labels)
    .map(([action, label]) => `<button name="action" value="${action}">${label}</button>`)
    .join('');
  return `<dl>
  <dt>订单 · Order</dt><dd>${escaped(link.orderId)}</dd>
  <dt>金额 · Amount</dt><dd>${escaped(link.currency)} ${amount}</dd>
  <dt>截止 · Deadline</dt><dd>${escaped(link.deadlineAt)}</dd>
</dl>
${payments === undefined ? `<form method="post">${hidden}${buttons}</form>` : payments.map(outcome).join('')}`;
}

const outcome = ({ transactionId, taken }: Payment): string =>
  `<p>${escaped(transactionId)}: ${taken ? '商户已确认 · taken by the shop' : '将继续通知 · will be reported again'}</p>`;
