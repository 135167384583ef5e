import type { OrderToRender, RenderedOrder } from '../contract.ts';
import { KPC, PAIN_001, renderFile } from '../order-files.ts';
import { manifest } from './manifest.ts';

/**
 * The file of an order: a KPC for domestic payments, a pain.001.001.03 for SEPA and foreign ones. Two orders never have
 * the same bytes, which the bank would take for a repeat.
 * @throws Failure `rejected` naming what the format or the bank does not take
 */
export const renderOrder = (order: OrderToRender): RenderedOrder =>
  renderFile(manifest, order, { kpc: KPC, 'pain.001': PAIN_001 });
