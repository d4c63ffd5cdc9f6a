import type { GraphBuilder } from '../builder.ts'

/** The few elementwise operators of which gradients are made, so that rules read like their formulas. */

export function add(build: GraphBuilder, left: string, right: string): string {
	return build.node('Add', [left, right])
}

export function subtract(build: GraphBuilder, left: string, right: string): string {
	return build.node('Sub', [left, right])
}

export function multiply(build: GraphBuilder, left: string, right: string): string {
	return build.node('Mul', [left, right])
}

export function divide(build: GraphBuilder, left: string, right: string): string {
	return build.node('Div', [left, right])
}

export function negate(build: GraphBuilder, value: string): string {
	return build.node('Neg', [value])
}

/** value * factor; the value itself where the factor is 1. */
export function scale(build: GraphBuilder, value: string, factor: number): string {
	return factor === 1 ? value : build.node('Mul', [value, build.scalar(factor)])
}

/** value where the condition holds, 0 elsewhere. */
export function where(build: GraphBuilder, condition: string, value: string): string {
	return build.node('Where', [condition, value, build.scalar(0)])
}

/** 1 where the condition holds, 0 elsewhere, as float32. */
export function indicator(build: GraphBuilder, condition: string): string {
	return build.node('Cast', [condition], { to: 1 })
}
