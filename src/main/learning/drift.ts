import { gateCheckNameSchema } from '../../common/contract/analysis.ts'
import { FEWEST_IMAGES, type Drift, type DriftModel, type DriftWeek, type Share } from '../../common/contract/drift.ts'
import { modelManifestSchema, modelReferenceSchema, type ModelManifest } from '../../common/contract/model.ts'
import { wilsonInterval } from '../../common/stats/wilson.ts'
import { SHARE_ANSWERED, SHARE_LIKE_TRAINING } from '../../common/text/metricNames.ts'
import { driftRows, type DriftRows, type WeekRow } from '../library/driftRows.ts'
import type { Library } from '../library/library.ts'
import type { Registry } from '../models/registry.ts'

/** When a week is said to differ. Two 99 % intervals that do not touch are far rarer by chance than one week in twenty, so that a year does not raise alarms by itself. */
export const DRIFT_RULE = `A week differs from a model's own validation where the 99 % intervals (Wilson 1927) of the two shares do not touch, and only from ${FEWEST_IMAGES} images on. Two shares are compared, because the validation measured them: of images on which the model abstains, and of images that are refused because they are not like its training images. Shares of calls are not: other patients have other diseases.`

/** What each model said in the last weeks, and which weeks differ from its own validation. */
export function readDrift({ library, registry, weeks }: { library: Library; registry: Registry; weeks: number }): Drift {
	const rows = driftRows(library, weeks)
	const manifests = new Map(rows.weeks.map(({ modelSha256 }) => [modelSha256, registry.bySha256(modelSha256)?.manifest ?? null]))
	const models = new Map(rows.weeks.map((row) => [row.modelSha256, modelOf(row, manifests.get(row.modelSha256) ?? null)]))
	return {
		weeks: rows.weeks.map((row) => inOrder(weekOf(row, rows, models.get(row.modelSha256) as DriftModel), manifests.get(row.modelSha256) ?? null)),
		models: [...models.values()],
		rule: DRIFT_RULE,
	}
}

function modelOf({ model, modelTitle, role }: WeekRow, manifest: ModelManifest | null): DriftModel {
	return {
		model: { ...modelReferenceSchema.parse(JSON.parse(model)), title: modelTitle }, role: modelManifestSchema.shape.role.parse(role),
		validation: { abstained: restOf(manifest, SHARE_ANSWERED), unlike: restOf(manifest, SHARE_LIKE_TRAINING) },
	}
}

/** The share of the validation images that a metric of the pack does not count; null where the pack does not state it. */
function restOf(manifest: ModelManifest | null, name: string): Share | null {
	const metric = manifest?.metrics.find((known) => known.name === name && known.split === 'validation')
	return metric ? shareOf(Math.round(metric.n * (1 - metric.value)), metric.n) : null
}

function shareOf(found: number, of: number): Share {
	return { found, of, value: of === 0 ? null : found / of, interval: wilsonInterval(found, of) }
}

function weekOf(row: WeekRow, rows: DriftRows, { validation }: DriftModel): DriftWeek {
	const isOwn = (other: { modelSha256: string; week: string }) => other.modelSha256 === row.modelSha256 && other.week === row.week
	const refusals = rows.refusals.filter(isOwn).flatMap(({ check, images }) => {
		const known = gateCheckNameSchema.safeParse(check)
		return known.success ? [{ check: known.data, images }] : []
	})
	const passed = row.images - row.refused
	const unlike = refusals.find(({ check }) => check === 'likeness')?.images ?? 0
	const decided = rows.decided.filter(isOwn)
	const added = rows.added.filter(isOwn)
	const abstained = shareOf(row.abstained, passed)
	return {
		week: row.week, monday: mondayOf(row.week), modelSha256: row.modelSha256, images: row.images, refused: shareOf(row.refused, row.images), refusals, abstained,
		labels: rows.labels.filter(isOwn).map(({ label, title, finding, images, calls, probability }) => {
			const { accepted = 0, rejected = 0 } = decided.find((one) => one.label === label) ?? {}
			return {
				name: label, title, finding: finding === 1, calls: shareOf(calls, images), probability: images === 0 ? null : Math.min(1, probability / images),
				rejected: shareOf(rejected, accepted + rejected), added: added.find((one) => one.label === label)?.added ?? 0,
			}
		}),
		addedOthers: added.find(({ label }) => label === null)?.added ?? 0,
		differs: [
			...differenceOf('abstained', 'The share of images on which the model abstains', abstained, validation.abstained),
			// Only images that came as far as this last check say something about it.
			...differenceOf('unlike', 'The share of images that are not like the training images', shareOf(unlike, passed + unlike), validation.unlike),
		],
	}
}

/** Labels in the order of their model, where it is there to say it. */
function inOrder(week: DriftWeek, manifest: ModelManifest | null): DriftWeek {
	const place = ({ name }: { name: string }) => manifest?.labels.findIndex((label) => label.name === name) ?? 0
	return { ...week, labels: week.labels.toSorted((a, b) => place(a) - place(b)) }
}

/** One where two shares differ by the rule. */
function differenceOf(share: DriftWeek['differs'][number]['share'], what: string, week: Share, validation: Share | null): DriftWeek['differs'] {
	if (!validation || week.of < FEWEST_IMAGES) return []
	const [own, stated] = [wilsonInterval(week.found, week.of, 0.99), wilsonInterval(validation.found, validation.of, 0.99)]
	if (!own || !stated || (own[0] <= stated[1] && stated[0] <= own[1])) return []
	return [{ share, sentence: `${what} is ${percent(week)} (${week.found} of ${week.of}) and was ${percent(validation)} on the validation images (${validation.found} of ${validation.of}).` }]
}

function percent({ value }: Share): string {
	return `${(100 * (value ?? 0)).toFixed(1)} %`
}

/** The Monday of an ISO 8601 week: the first week is the one with the fourth of January. */
function mondayOf(week: string): string {
	const [, year = '', number = ''] = /^(\d{4})-W(\d{2})$/.exec(week) ?? []
	if (year === '') return ''
	const fourth = new Date(Date.UTC(Number(year), 0, 4))
	const sinceMonday = (fourth.getUTCDay() + 6) % 7
	return new Date(fourth.getTime() + (7 * (Number(number) - 1) - sinceMonday) * 86_400_000).toISOString().slice(0, 10)
}
