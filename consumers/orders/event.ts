import * as z from 'zod'

/** What becomes of an order line, in the order of its life; from the first two it may be cancelled instead. */
export const orderStatuses = ['placed', 'paid', 'shipped', 'delivered', 'cancelled'] as const

/** An order line, as it lies in its table, where `lineId` is the key. */
export const orderSchema = z.object({
  lineId: z.string().min(1),
  /** The order that it is a line of. */
  orderId: z.string().min(1),
  status: z.enum(orderStatuses),
  region: z.string().min(1),
  category: z.string().min(1),
  /** Pieces, whole. */
  quantity: z.int(),
  /** US dollars, with up to 4 decimals; a profit may be a loss. */
  sales: z.number(),
  profit: z.number(),
})

export type Order = z.infer<typeof orderSchema>
export type OrderStatus = Order['status']
