import { UserError, type Handlers } from '../../common/contract/procedures.ts'
import { getComparison, listComparisons } from '../library/comparisons.ts'
import { importPack, removeImported } from '../promotion/importPack.ts'
import type { Workrooms } from '../workrooms.ts'

export function promotionHandlers({ library, registry, supervisor, uploads, candidates, comparisons, promotions }: Workrooms) {
	return {
		'promotion.candidates': () => candidates.list(),
		'promotion.card': ({ candidate }) => {
			const { manifest, card } = candidates.open(candidate)
			return { manifest, card }
		},
		'promotion.compare': (request) => comparisons.start(request),
		'promotion.cancel': ({ jobId }) => {
			comparisons.cancel(jobId)
			return {}
		},
		'promotion.job': () => ({ job: comparisons.job() }),
		'promotion.comparisons': ({ candidate }) => listComparisons(library, candidate),
		'promotion.comparison': ({ comparisonId }) => getComparison(library, comparisonId),
		'promotion.decide': (request) => promotions.decide(request),
		'promotion.rollBack': (request) => promotions.rollBack(request),
		'promotion.decisions': () => promotions.list(),
		'promotion.import': async ({ uploadId }) => {
			try {
				const [file, ...others] = uploads.take(uploadId)
				if (!file || others.length > 0) throw new UserError('A model pack is imported from one file.')
				return await importPack(file.path, file.name, { library, registry, candidates, hosts: supervisor })
			} finally {
				await uploads.clear(uploadId)
			}
		},
		'promotion.removeImported': async ({ candidate }) => {
			await removeImported(candidate, { library, candidates })
			return {}
		},
	} satisfies Partial<Handlers>
}
