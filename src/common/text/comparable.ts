import type { ModelManifest } from '../contract/model.ts'

type Described = Pick<ModelManifest, 'title' | 'task' | 'domain' | 'labels'> & { input: Pick<ModelManifest['input'], 'colour'> }

/** Why a candidate cannot be held against the model that reads now, in a sentence; '' where it can: same labels in any order, same task, same kind of image. */
export function whyNotComparable(current: Described, candidate: Described): string {
	const [own, other] = [labelsOf(current), labelsOf(candidate)]
	if (own !== other) return `${candidate.title} answers with other labels (${other}) than ${current.title} (${own}): their answers cannot be compared.`
	if (current.task !== candidate.task) return `${candidate.title} calls ${calls(candidate)} and ${current.title} ${calls(current)}: their answers cannot be compared.`
	if (current.domain !== candidate.domain || current.input.colour !== candidate.input.colour) return `${candidate.title} reads another kind of image than ${current.title}: there are no films that both read.`
	return ''
}

function labelsOf({ labels }: Described): string {
	return labels.map(({ name }) => name).toSorted().join(', ')
}

function calls({ task }: Described): string {
	return task === 'multiclass' ? 'one label per image' : 'several labels per image'
}
