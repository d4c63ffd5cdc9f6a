import type { Gate } from '../../common/contract/analysis.ts'
import type { ReadyModel } from '../../common/contract/model.ts'

/** Whether the gate refused the image for its colours: a network for another kind of image may read it. */
export function isOtherKind({ gate }: { gate: Gate }): boolean {
	return gate.checks.some(({ name, state }) => name === 'photometric' && state === 'failed')
}

/**
 * The answer of the first of the models; where its gate refuses the image as another kind, that of the next whose gate lets it through.
 * @param models In the order in which they are asked; at least one.
 */
export async function answerByKind<Answer extends { gate: Gate }>(models: readonly ReadyModel[], ask: (model: ReadyModel) => Promise<Answer>): Promise<{ model: ReadyModel; answer: Answer }> {
	const [first, ...others] = models
	if (!first) throw new Error('There is no model to ask.')
	const answer = await ask(first)
	for (const model of isOtherKind(answer) ? others : []) {
		const second = await ask(model)
		if (second.gate.ok) return { model, answer: second }
	}
	return { model: first, answer }
}
