import type { ModelManifest } from '../../../common/contract/model.ts'
import { RESEARCH_USE } from '../../../common/contract/primitives.ts'
import type { EvaluationReport } from '../../../common/contract/training/evaluation.ts'
import { cell, grouped, inline } from './cardText.ts'
import type { LicenceCount } from './packData.ts'

export interface CardFacts {
	manifest: ModelManifest
	report: EvaluationReport
	intendedUse: string
	counts: readonly { label: string; train: number; validation: number; test: number }[]
	licences: readonly LicenceCount[]
}

/** CARD.md, from the facts of model.json and the evaluation alone. */
export function modelCard({ manifest, report, intendedUse, counts, licences }: CardFacts): string {
	const { calibration, trainingRun, input } = manifest
	const { latency, macs, bytes } = report.model
	const exclusive = manifest.task === 'multiclass'
	return `# ${inline(manifest.title)}

${RESEARCH_USE}

## Intended use
${inline(intendedUse)}

## What it is
${inline(manifest.architecture)}: ${grouped(manifest.parameters)} parameters${macs === null ? '' : `, ${grouped(macs)} multiply-accumulates for an image`}, ${(bytes / 1024 ** 2).toFixed(1)} MiB${latency ? `; ${latency.medianMilliseconds.toFixed(1)} ms for an image on ${inline(latency.processor)} (median of ${latency.runs} runs)` : ''}.
${grouped(manifest.labels.length)} labels that ${exclusive ? 'exclude each other' : 'do not exclude each other'}: ${manifest.labels.map(({ title }) => inline(title)).join(', ')}.
Input: ${input.colour === 'grey' ? 'a grey image' : 'a colour image'}, stretched to ${input.width} x ${input.height} (Pillow's bilinear with antialiasing), (value / 255 - mean) / standard deviation.

## What it is not
${manifest.limitations.map((line) => `- ${inline(line)}`).join('\n')}
${manifest.labels.filter(({ limitation }) => limitation !== '').map(({ title, limitation }) => `- ${inline(title)}: ${inline(limitation)}`).join('\n')}

## How it was trained
${inline(manifest.training)}
${trainingRun ? `Recipe ${trainingRun.recipeSha256}, data ${trainingRun.dataSha256}, seed ${trainingRun.seed}, ${Object.entries(trainingRun.versions).map(([name, version]) => `${inline(name)} ${inline(version)}`).join(', ')}.` : ''}

## Data
| label | train | validation | test |
|---|---|---|---|
${counts.map(({ label, train, validation, test }) => `| ${cell(label)} | ${train} | ${validation} | ${test} |`).join('\n')}

Splits are by patient or group; no group stands in two of them. ${report.data.refused.length === 0 ? 'No image was left out.' : `${report.data.refused.length} rows or images were left out.`}

## How it answers
- Probabilities: ${exclusive ? 'softmax' : 'the logistic function of each logit'}${calibrationInWords(calibration)}. Calibration holds for images like those that it was fitted on and is worse elsewhere.
- Operating points (a label is called when its probability reaches it):
${manifest.labels.map(({ title, operatingPoint }) => `  - ${inline(title)}: ${operatingPoint.value}. ${inline(operatingPoint.rule)}`).join('\n')}
- It abstains below a confidence of ${manifest.abstention.threshold}. ${inline(manifest.abstention.rule)}

## Measured
95 % intervals by bootstrap over patients or groups (${report.interval.resamples} resamples, seed ${report.interval.seed}). evaluation.json has all numbers, docs/evaluation.md their definitions.

| metric | images | n | value | interval | note |
|---|---|---|---|---|---|
${manifest.metrics.map(({ name, split, n, value, interval, note }) => `| ${cell(name)} | ${cell(split)} | ${n} | ${value.toFixed(3)} | ${interval ? interval.map((end) => end.toFixed(3)).join(' to ') : ''} | ${cell(note)} |`).join('\n')}

## Licences
${inline(manifest.licence)}

| licence of the images, as their manifest states it | images | sources |
|---|---|---|
${licences.map(({ licence, images, sources }) => `| ${cell(licence) || 'not stated'} | ${images} | ${cell(sources.join(', '))} |`).join('\n')}

SHA-256 of model.onnx: ${manifest.sha256}.
`
}

export function calibrationInWords(calibration: ModelManifest['calibration']): string {
	const { n, eceBefore, eceAfter } = calibration
	const error = eceBefore === null || eceAfter === null ? '' : `; expected calibration error ${eceBefore.toFixed(4)} before, ${eceAfter.toFixed(4)} after`
	if (n === 0) return ', not calibrated: there were no validation images'
	if (calibration.method === 'temperature') return ` with temperature ${calibration.temperature}, fitted on ${n} validation images${error}`
	const left = calibration.labels.filter(({ fitted }) => !fitted).length
	return `, with slope and offset of each label (Platt) fitted on ${n} validation images${left === 0 ? '' : ` (${left} labels could not be fitted and stand as they are)`}${error}`
}
