import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { edge, publishMetrics } from './edge';
import { logger, metrics } from './observability';
import { once } from './once';

/** A function that a schedule starts. What it found is counted: a metric for each name. */
export function scheduleHandler<Ports>(
  wire: () => Ports,
  work: (ports: Ports) => Promise<Readonly<Record<string, number>>>,
) {
  const wired = once(wire);
  return edge<unknown, void>()
    .use(publishMetrics())
    .handler(async () => {
      const findings = await work(wired());
      logger.info('findings', { findings });
      for (const [name, count] of Object.entries(findings)) metrics.addMetric(name, MetricUnit.Count, count);
    });
}
