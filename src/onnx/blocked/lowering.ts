import type { GraphBuilder } from '../builder.ts'
import type { Affine, Product } from './affine.ts'
import type { Plan } from './plan.ts'

/** A blocked tensor up to a factor per channel, which who reads it takes into account. */
export interface Scaled {
	tensor: string
	/** Null: 1. */
	scale: Product | null
}

/**
 * The graph that is being made of a standard one. Every form of a tensor is made when it is first asked for and then kept:
 * names on the left are those of the standard graph, results are tensors of the new one.
 */
export interface Lowering {
	plan: Plan
	/** The graph that is made. */
	build: GraphBuilder
	/** The tensor in its standard layout. */
	standard(name: string): string
	/** The tensor [N, C, height, width] in blocks: its C is rounded up to whole blocks, the channels beyond are finite and read by nothing. */
	blocked(name: string): string
	/** As blocked, but what is only scaled per channel may stay unscaled. */
	scaled(name: string): Scaled
	/** What the tensor is made of, as far as it needs no pass over the memory. */
	affine(name: string): Affine
	/** Whether the tensor has been made in blocks. */
	isMade(name: string): boolean
	/** A result for the same arguments, made once. */
	once(key: string, make: () => string): string
}

export const DOMAIN = 'com.microsoft.nchwc'

/** Channels rounded up to whole blocks. */
export function paddedChannels({ plan }: Lowering, channels: number): number {
	return Math.ceil(channels / plan.block) * plan.block
}
