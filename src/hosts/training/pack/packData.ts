import type { DataSet, Sample } from '../data/dataSet.ts'

/** How many images of a data set stand under a licence, which its manifest states in the column `licence`. */
export interface LicenceCount {
	/** '' where the data set states none. */
	licence: string
	images: number
	/** Sources of these images, in order. */
	sources: string[]
}

/** The licences of all images of a data set, the most frequent first. */
export function licencesOf(samples: readonly Sample[]): LicenceCount[] {
	return [...Map.groupBy(samples, ({ attributes }) => attributes['licence'] ?? '')]
		.map(([licence, own]) => ({ licence, images: own.length, sources: [...new Set(own.map(({ source }) => source).filter((source) => source !== ''))].toSorted() }))
		.toSorted((a, b) => b.images - a.images || (a.licence < b.licence ? -1 : 1))
}

/** Images of a data set that come from one source under one licence. */
export interface SourceCount {
	/** '' where the data set states none. */
	source: string
	licence: string
	/** All images, and those that have each label, by split. */
	splits: Record<Sample['split'], { images: number; labels: { label: string; images: number }[] }>
}

/** The sources of a data set with their licences, the largest first. */
export function sourcesOf({ samples, labels }: Pick<DataSet, 'samples' | 'labels'>): SourceCount[] {
	const counted = (own: readonly Sample[], split: Sample['split']) => {
		const of = own.filter((sample) => sample.split === split)
		const held = labels.map((label, index) => ({ label, images: of.filter(({ truth }) => truth[index] === 1).length }))
		return { images: of.length, labels: held.filter(({ images }) => images > 0) }
	}
	return [...Map.groupBy(samples, ({ source, attributes }) => JSON.stringify([source, attributes['licence'] ?? ''])).values()]
		.toSorted((a, b) => b.length - a.length)
		.map((own) => ({
			source: own[0]?.source ?? '', licence: own[0]?.attributes['licence'] ?? '',
			splits: { train: counted(own, 'train'), validation: counted(own, 'validation'), test: counted(own, 'test') },
		}))
}

/** Images of each label (present ones) and all, by split. */
export function countsOf({ samples, labels }: Pick<DataSet, 'samples' | 'labels'>): { label: string; train: number; validation: number; test: number }[] {
	const count = (split: Sample['split'], of: (sample: Sample) => boolean) => samples.filter((sample) => sample.split === split && of(sample)).length
	const row = (label: string, of: (sample: Sample) => boolean) => ({ label, train: count('train', of), validation: count('validation', of), test: count('test', of) })
	return [...labels.map((label, index) => row(label, ({ truth }) => truth[index] === 1)), row('all images', () => true)]
}

/** From this share on a label is called confounded by source: it can be told by where an image comes from. */
const CONFOUNDED_SHARE = 0.8
/** A source holds one label alone when this share of its images has it. */
const ALONE_SHARE = 0.98

/** Labels most of whose training images come from sources that hold (almost) nothing else. */
export function confoundedLabels({ samples, labels, task }: Pick<DataSet, 'samples' | 'labels' | 'task'>): { label: string; share: number }[] {
	const train = samples.filter(({ split, source }) => split === 'train' && source !== '')
	if (task === 'multilabel' || new Set(train.map(({ source }) => source)).size < 2) return []
	const bySource = [...Map.groupBy(train, ({ source }) => source).values()]
	return labels.flatMap((label, index) => {
		const own = (images: readonly Sample[]) => images.filter(({ truth }) => truth[index] === 1).length
		const alone = bySource.filter((images) => own(images) >= ALONE_SHARE * images.length).reduce((sum, images) => sum + own(images), 0)
		const share = alone / own(train)
		return share >= CONFOUNDED_SHARE ? [{ label, share }] : []
	})
}
