import type { LungManifest } from '../../../../common/contract/lungs.ts'
import { RESEARCH_USE } from '../../../../common/contract/primitives.ts'
import type { DataSet } from '../../data/dataSet.ts'
import { cell, grouped, inline } from '../cardText.ts'
import type { FilmOverlap } from './evaluateMasks.ts'

interface LungCardFacts {
	manifest: LungManifest
	films: readonly FilmOverlap[]
	dataSet: DataSet
	intendedUse: string
	/** Of model.onnx. */
	bytes: number
}

/** Films that are named as the worst of a split. */
const WORST = 5

/** CARD.md of a network that marks the lungs, from the facts of lungs.json and of its films. */
export function lungCard({ manifest, films, dataSet, intendedUse, bytes }: LungCardFacts): string {
	const { trainingRun, input, output, heart } = manifest
	const sources = [...new Set(dataSet.samples.map(({ source }) => source))].toSorted()
	const count = (split: string, source: string) => dataSet.samples.filter((sample) => sample.split === split && (source === '' || sample.source === source)).length
	const worst = (split: string) => films.filter((film) => film.split === split).toSorted((a, b) => a.dice - b.dice).slice(0, WORST)
	return `# ${inline(manifest.title)}

${RESEARCH_USE}

## Intended use
${inline(intendedUse)}

## What it is
${inline(manifest.architecture)}: ${grouped(manifest.parameters)} parameters, ${grouped(manifest.macs)} multiply-accumulates for a film, ${(bytes / 1024).toFixed(0)} KiB.
Input: the film in grey, stretched to ${input.side} x ${input.side} (Pillow's bilinear with antialiasing), (value / 255 - mean) / standard deviation. Output: a logit for each pixel; lung where its logistic function is ${output.threshold} or more.
${heart === 'inside' ? 'The masks that it learned from count the shadow of the heart over the lungs as lung: they end at the spine and the great vessels. No heart can be measured between them.' : 'The masks that it learned from leave the heart out.'}

## What it is not
${manifest.limitations.map((line) => `- ${inline(line)}`).join('\n')}

## How it was trained
${inline(manifest.training)}
${trainingRun ? `Recipe ${trainingRun.recipeSha256}, data ${trainingRun.dataSha256}, seed ${trainingRun.seed}, ${Object.entries(trainingRun.versions).map(([name, version]) => `${inline(name)} ${inline(version)}`).join(', ')}.` : ''}

## Data
| source of the masks | train | validation | test |
|---|---|---|---|
${[...sources, ''].map((source) => `| ${source === '' ? 'all' : cell(source)} | ${count('train', source)} | ${count('validation', source)} | ${count('test', source)} |`).join('\n')}

Splits are by patient or group; no group stands in two of them. ${dataSet.refused.length === 0 ? 'No film was left out for a fault.' : `${dataSet.refused.length} films were left out for a fault.`}

## Measured
Mean over the films of Dice (2 |A and B| / (|A| + |B|)) and IoU (|A and B| / |A or B|) with the masks at ${input.side} x ${input.side}; 95 % intervals by bootstrap over patients or groups (1000 resamples).

| metric | films | source | n | patients | value | interval |
|---|---|---|---|---|---|---|
${manifest.metrics.map(({ name, split, source, n, groups, value, interval }) => `| ${name === 'dice' ? 'Dice' : 'IoU'} | ${split} | ${source === '' ? 'all' : cell(source)} | ${n} | ${groups} | ${value.toFixed(3)} | ${interval ? interval.map((end) => end.toFixed(3)).join(' to ') : ''} |`).join('\n')}

The worst films, by Dice: ${(['validation', 'test'] as const).map((split) => `${split}: ${worst(split).map(({ id, dice }) => `${inline(id)} ${dice.toFixed(3)}`).join(', ') || 'none'}`).join('; ')}. films.json has all.

## Licences
${inline(manifest.licence)}

SHA-256 of model.onnx: ${manifest.sha256}.
`
}
