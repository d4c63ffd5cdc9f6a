import type { Curve } from '../../../../src/renderer/admin/charts/CurveChart.tsx'
import type { Line } from '../../../../src/renderer/admin/charts/line.ts'
import { createLineData, type LineData } from '../../../../src/renderer/admin/charts/lineData.ts'

export const LINES: readonly Line[] = [
	{ name: 'loss', title: 'Loss' },
	{ name: 'cross-entropy', title: 'Cross-entropy' },
	{ name: 'kl', title: 'Distillation' },
	{ name: 'validation', title: 'Validation loss', marks: true },
	{ name: 'rate', title: 'Learning rate', scale: 'right' },
]

const STEPS_BETWEEN_VALIDATIONS = 2500

/** Numbers without a pattern that are the same each time, from -1 to 1. */
function noise(seed: number): number {
	const value = Math.sin(seed * 12.9898) * 43_758.5453
	return 2 * (value - Math.floor(value)) - 1
}

/** A step of a run as it never was: losses that fall and scatter. @param steps how long the whole run is. */
export function appendStep(data: LineData, step: number, steps: number): void {
	const fall = Math.exp((-4 * step) / steps)
	const crossEntropy = 0.2 + 1.4 * fall + 0.12 * noise(step)
	const kl = 0.1 + 2.2 * fall * fall + 0.05 * noise(step + 0.5)
	const isValidation = step % Math.min(STEPS_BETWEEN_VALIDATIONS, Math.ceil(steps / 8)) === 0
	data.append(step, {
		'cross-entropy': crossEntropy, kl, loss: crossEntropy + kl, rate: 5e-4 * (1 + Math.cos((Math.PI * step) / steps)),
		...(isValidation ? { validation: 0.5 + 3 * fall + 0.1 * noise(step + 0.25) } : {}),
	})
}

export function run(points: number): LineData {
	const data = createLineData()
	for (let step = 1; step <= points; step++) appendStep(data, step, points)
	return data
}

/** Half of an interval that is widest in the middle. */
function spread(share: number): number {
	return 0.05 * Math.sin(Math.PI * share) + 0.015
}

function within(value: number): number {
	return Math.max(0, Math.min(1, value))
}

/** The ROC curve y = x^power, and the precision that follows of it at a prevalence. */
function curve(title: string, power: number, prevalence: number, kind: 'roc' | 'precision-recall', threshold: number): Curve {
	const shares = Array.from({ length: 201 }, (_, index) => index / 200)
	const precision = (recall: number) => (prevalence * recall) / (prevalence * recall + (1 - prevalence) * recall ** (1 / power))
	const area = 1 / (1 + power)
	const at = 0.12
	const operatingPoint = { label: title, threshold, sensitivity: at ** power, specificity: 1 - at, precision: precision(at ** power) }
	const x = kind === 'roc' ? shares : shares.slice(1)
	const y = x.map((share) => (kind === 'roc' ? share ** power : precision(share)))
	return {
		title, points: { x, y }, operatingPoint, area, interval: [area - 0.04, area + 0.03],
		band: { x, lower: y.map((value, index) => within(value - spread(x[index] ?? 0))), upper: y.map((value, index) => within(value + spread(x[index] ?? 0))) },
	}
}

export const PREVALENCE = 0.3
export const curves = (kind: 'roc' | 'precision-recall') => [curve('Candidate', 0.14, PREVALENCE, kind, 0.41), curve('Current model', 0.24, PREVALENCE, kind, 0.37), curve('Teacher', 0.1, PREVALENCE, kind, 0.5)]
