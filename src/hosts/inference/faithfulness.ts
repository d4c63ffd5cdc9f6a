import type { CamMode } from '../../common/contract/analysis.ts'
import type { Faithfulness } from '../../common/contract/explanation.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { Network } from './network.ts'

export interface FaithfulnessRequest {
	/** [1, 3, height, width], as the network saw the image. */
	tensor: Float32Array
	layer: string
	mode: CamMode
	label: string
	map: { height: number; width: number; values: readonly number[] }
}

export interface FaithfulnessContext {
	signal: AbortSignal
	progress(value: { done: number; of: number }): void
	/** Called between batches. */
	yieldTurn(): Promise<void>
}

/**
 * Deletion, insertion, average drop and increase in confidence of one map, beside maps with the same values in random places (docs/explanations.md).
 * @throws UserError when the label is unknown or the signal aborts (at the next batch).
 */
export async function measureFaithfulness({ manifest }: Network, { label }: FaithfulnessRequest, context: FaithfulnessContext): Promise<Faithfulness> {
	await context.yieldTurn()
	throw new UserError(`The faithfulness of a map of ${label} by ${manifest.title} cannot be measured yet.`)
}
