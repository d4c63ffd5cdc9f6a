import type { Gate } from '../../common/contract/analysis.ts'
import type { ReadyModel } from '../../common/contract/model.ts'
import { UserError } from '../../common/contract/procedures.ts'
import type { Place } from '../models/registry.ts'

/** A network for a kind of image, or why the one that was chosen for it cannot be asked, in a sentence. */
export type Asked = ReadyModel | { fault: string }

export function askedAt(places: readonly Place[]): Asked[] {
	return places.map((place) => ('fault' in place ? { fault: place.fault } : place.student))
}

/** Whether the gate refused the image for its colours: a network for another kind of image may read it. */
export function isOtherKind({ gate }: { gate: Gate }): boolean {
	return gate.checks.some(({ name, state }) => name === 'photometric' && state === 'failed')
}

/**
 * The answer of the first of the models; where its gate refuses the image as another kind, that of the next whose gate lets it through.
 * Where one of them cannot be asked, what the others refuse may be its kind of image, and is nobody's answer.
 * @param asked In the order in which they are asked; at least one.
 * @param isUnusable Whether asking failed because the model cannot be loaded.
 * @throws why a model cannot be asked, where none of the others lets the image through.
 */
export async function answerByKind<Answer extends { gate: Gate }>(asked: readonly Asked[], ask: (model: ReadyModel) => Promise<Answer>, isUnusable: (model: ReadyModel) => boolean): Promise<{ model: ReadyModel; answer: Answer }> {
	let refused: { model: ReadyModel; answer: Answer } | null = null
	const faults: unknown[] = []
	for (const model of asked) {
		if ('fault' in model) {
			faults.push(new UserError(model.fault))
			continue
		}
		// A network that reads grey images takes a film for its own kind: it is asked only where the student for films has refused it.
		if (!refused && faults.length > 0 && model.manifest.input.colour !== 'rgb') continue
		try {
			const answer = await ask(model)
			if (answer.gate.ok || (!refused && faults.length === 0 && !isOtherKind(answer))) return { model, answer }
			refused ??= { model, answer }
		} catch (error) {
			if (!isUnusable(model)) throw error
			faults.push(error)
		}
	}
	if (faults.length > 0) throw faults[0]
	if (!refused) throw new Error('There is no model to ask.')
	return refused
}
