import type { OrderToRender, RenderedOrder } from '../contract.ts';
import { COBS, KPC, PAIN_001, renderFile } from '../order-files.ts';
import { manifest } from './manifest.ts';

/**
 * The file of an order, for a person to upload in George or Business 24: a KPC by the bank's form 3-2267 for domestic
 * payments, a pain.001.001.03 for SEPA; or, on the experimental way, the body of one payment.
 * @throws Failure `rejected` naming what the format or the bank does not take
 */
export const renderOrder = (order: OrderToRender): RenderedOrder =>
  renderFile(manifest, order, { kpc: KPC, 'pain.001': PAIN_001, cobs: COBS });
