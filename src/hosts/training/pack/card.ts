import type { ModelManifest } from '../../../common/contract/model.ts'
import { RESEARCH_USE } from '../../../common/contract/primitives.ts'
import type { EvaluationReport } from '../../../common/contract/training/evaluation.ts'
import { rounded } from './calibratePack.ts'
import { cell, grouped, inline } from './cardText.ts'
import type { SourceCount } from './packData.ts'

export interface CardFacts {
	manifest: ModelManifest
	report: EvaluationReport
	intendedUse: string
	counts: readonly { label: string; train: number; validation: number; test: number }[]
	sources: readonly SourceCount[]
}

/** CARD.md, from the facts of model.json and the evaluation alone. */
export function modelCard({ manifest, report, intendedUse, counts, sources }: CardFacts): string {
	const { calibration, trainingRun } = manifest
	const { latency, macs, bytes } = report.model
	const exclusive = manifest.task === 'multiclass'
	const asked = report.splits.at(-1)
	return `# ${inline(manifest.title)}

${RESEARCH_USE}

## Intended use
${inline(intendedUse)}

## What it is
${inline(manifest.architecture)}: ${grouped(manifest.parameters)} parameters${macs === null ? '' : `, ${grouped(macs)} multiply-accumulates for an image`}, ${(bytes / 1024 ** 2).toFixed(1)} MiB${latency ? `; ${latency.medianMilliseconds.toFixed(1)} ms for an image on ${inline(latency.processor)} (median of ${latency.runs} runs)` : ''}.
${grouped(manifest.labels.length)} labels that ${exclusive ? 'exclude each other' : 'do not exclude each other'}: ${manifest.labels.map(({ title }) => inline(title)).join(', ')}.
Input: ${inputInWords(manifest.input)}

## What it is not
${manifest.limitations.map((line) => `- ${inline(line)}`).join('\n')}
${manifest.labels.filter(({ limitation }) => limitation !== '').map(({ title, limitation }) => `- ${inline(title)}: ${inline(limitation)}`).join('\n')}

## How it was trained
${inline(manifest.training)}

${againInWords(trainingRun ?? null)}

## Data
| label | train | validation | test |
|---|---|---|---|
${counts.map(({ label, train, validation, test }) => `| ${cell(label)} | ${train} | ${validation} | ${test} |`).join('\n')}

| source | licence, as the data states it | train | validation | test |
|---|---|---|---|---|
${sources.map(({ source, licence, splits }) => `| ${cell(source) || 'not stated'} | ${cell(licence) || 'not stated'} | ${heldInWords(splits.train)} | ${heldInWords(splits.validation)} | ${heldInWords(splits.test)} |`).join('\n')}

Splits are by patient or group; no group stands in two of them. ${report.data.refused.length === 0 ? 'No image was left out.' : `${report.data.refused.length} rows or images were left out.`}

## How it answers
- Probabilities: ${exclusive ? 'softmax' : 'the logistic function of each logit'}${calibrationInWords(calibration)}. Calibration holds for images like those that it was fitted on and is worse elsewhere.
- A label is called when its probability reaches its operating point; ${exclusive ? 'each label for itself, so that two may be called' : 'each label for itself'}. Thresholds were set on the validation images, none on test images.
- It abstains below a confidence of ${manifest.abstention.threshold}. ${inline(manifest.abstention.rule)}
${likenessInWords(manifest, report)}
| label | called from | how that was chosen | what it gives on ${asked?.split ?? 'other'} images: sensitivity, specificity, precision |
|---|---|---|---|
${manifest.labels.map(({ title, operatingPoint }, index) => `| ${cell(title)} | ${operatingPoint.value} | ${cell(operatingPoint.rule)} | ${pointInWords(asked?.operatingPoints[index])} |`).join('\n')}

| images | calibration error before | after | Brier score before | after | share answered | accuracy on these | accuracy on all |
|---|---|---|---|---|---|---|---|
${report.splits.map(({ split, accuracy, reliability: { before, after }, abstention }) => `| ${split} | ${[before.ece, after.ece, before.brier, after.brier, abstention.coverage, abstention.accuracy, accuracy].map(number).join(' | ')} |`).join('\n')}

## Measured
95 % intervals by bootstrap over patients or groups (${report.interval.resamples} resamples, seed ${report.interval.seed}). evaluation.json has all numbers, docs/evaluation.md their definitions.

| metric | images | n | value | interval | note |
|---|---|---|---|---|---|
${manifest.metrics.map(({ name, split, n, value, interval, note }) => `| ${cell(name)} | ${cell(split)} | ${n} | ${value.toFixed(3)} | ${interval ? interval.map((end) => end.toFixed(3)).join(' to ') : ''} | ${cell(note)} |`).join('\n')}

## Licences
${inline(manifest.licence)}

SHA-256 of model.onnx: ${manifest.sha256}.
`
}

function inputInWords({ colour, width, height, region, tones }: ModelManifest['input']): string {
	const part = region ? `the box around both lungs, ${region.margin} of its width and height added on each side; a film on which no two lungs are found is refused` : 'all of it'
	return `${colour === 'grey' ? 'a grey image' : 'a colour image'}, ${part}${tones ? '; grey values with a flat histogram' : ''}; stretched to ${width} x ${height} (Pillow's bilinear with antialiasing), (value / 255 - mean) / standard deviation.`
}

/** How to make the pack again. */
function againInWords(run: NonNullable<ModelManifest['trainingRun']> | null): string {
	if (!run) return 'It was not made by a training run of this program, so it cannot be made again from a recipe.'
	const versions = Object.entries(run.versions).map(([name, version]) => `${inline(name)} ${inline(version)}`).join(', ')
	const teachers = run.teachers.length === 0 ? '' : ` Taught by ${run.teachers.map(({ id, sha256 }) => `${inline(id)} (${sha256})`).join(', ')}.`
	return `To make it again: \`negatoscope train recipe.json\` with the recipe ${run.recipeSha256}, the data ${run.dataSha256} and seed ${run.seed}; ${versions}.${teachers} The same machine and software give the same weights. The repository keeps recipe, log and predictions of its runs in \`results/runs\` (there with paths made relative; \`pack.json\` has these hashes).`
}

function heldInWords({ images, labels }: SourceCount['splits']['train']): string {
	return images === 0 ? '0' : `${grouped(images)}${labels.length === 0 ? '' : `: ${labels.map((held) => `${cell(held.label)} ${grouped(held.images)}`).join(', ')}`}`
}

function number(value: number | null): string {
	return value === null ? 'not defined' : value.toFixed(3)
}

function pointInWords(point: EvaluationReport['splits'][number]['operatingPoints'][number] | undefined): string {
	return point ? [point.sensitivity, point.specificity, point.precision].map(number).join(', ') : ''
}

function likenessInWords({ featureStatistics: statistics }: ModelManifest, { splits }: EvaluationReport): string {
	if (statistics?.kind !== 'principal-components' || !statistics.limit) return '- It does not know what its training images were like, so it answers on any image that passes the other input checks.\n'
	const { value, share, n } = statistics.limit
	const kept = splits.flatMap(({ split, likeness }) => (likeness?.share === null || likeness?.share === undefined ? [] : [`${(100 * (1 - likeness.share)).toFixed(1)} % of the ${split} images`]))
	return `- It refuses an image whose distance to the training images (layer ${inline(statistics.layer.name)}, ${statistics.n} images) is more than ${value}, which ${rounded(100 * share, 1)} % of ${n} validation images have at most${kept.length === 0 ? '' : `; refused so: ${kept.join(', ')}`}. docs/evaluation.md has what else it refuses and what it lets through.\n`
}

export function calibrationInWords(calibration: ModelManifest['calibration']): string {
	const { n, eceBefore, eceAfter } = calibration
	const error = eceBefore === null || eceAfter === null ? '' : `; expected calibration error ${eceBefore.toFixed(4)} before, ${eceAfter.toFixed(4)} after`
	if (n === 0) return ', not calibrated: there were no validation images'
	if (calibration.method === 'temperature') return ` with temperature ${calibration.temperature}, fitted on ${n} validation images${error}`
	const left = calibration.labels.filter(({ fitted }) => !fitted).length
	return `, with slope and offset of each label (Platt) fitted on ${n} validation images${left === 0 ? '' : ` (${left} labels could not be fitted and stand as they are)`}${error}`
}
