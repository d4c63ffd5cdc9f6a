import { UserError } from '../../../common/contract/procedures.ts'
import type { Optimisation } from '../../../common/contract/training/optimiser.ts'
import type { Parameter } from '../../../onnx/network.ts'

/** Whether a name fits a pattern in which * stands for any characters. Takes time in proportion to the lengths' product at most. */
export function fitsPattern(name: string, pattern: string): boolean {
	let position = 0, at = 0, star = -1, resume = 0
	while (position < name.length) {
		if (at < pattern.length && pattern[at] === '*') {
			star = at++
			resume = position
		} else if (at < pattern.length && pattern[at] === name[position]) {
			at++
			position++
		} else if (star !== -1) {
			// The last * takes one character more.
			at = star + 1
			position = ++resume
		} else return false
	}
	while (pattern[at] === '*') at++
	return at === pattern.length
}

/** Names that fit any of the patterns. @throws UserError naming a pattern that no parameter fits: a mistyped one would change nothing, silently. */
function namesThatFit(parameters: readonly Parameter[], patterns: readonly string[], field: string): Set<string> {
	const fitting = new Set<string>()
	for (const [index, pattern] of patterns.entries()) {
		const names = parameters.filter(({ name }) => fitsPattern(name, pattern)).map(({ name }) => name)
		if (names.length === 0) throw new UserError(`${field}.${String(index)}: No parameter of the network fits "${pattern}". The first is called "${parameters[0]?.name ?? ''}".`)
		for (const name of names) fitting.add(name)
	}
	return fitting
}

/**
 * The parameters that are trained, in their order: all but running statistics and those that a freeze pattern fits.
 * @throws UserError when a pattern fits nothing or nothing is left
 */
export function trainedParameters(parameters: readonly Parameter[], freeze: readonly string[]): Parameter[] {
	const frozen = namesThatFit(parameters, freeze, 'optimisation.freeze')
	const trained = parameters.filter(({ name, role }) => role !== 'runningMean' && role !== 'runningVariance' && !frozen.has(name))
	if (trained.length === 0) throw new UserError('optimisation.freeze: All parameters of the network are frozen; nothing is left to train.')
	return trained
}

/**
 * Names of the parameters whose weights decay.
 * @param parameters all of the network and of the losses: a pattern may fit one that is frozen.
 * @throws UserError when a pattern fits nothing
 */
export function decayingParameters(parameters: readonly Parameter[], exclusions: Optimisation['weightDecayExclusions']): Set<string> {
	const excluded = namesThatFit(parameters, exclusions.names, 'optimisation.weightDecayExclusions.names')
	return new Set(parameters.filter(({ name, role }) => {
		if (excluded.has(name)) return false
		if (role === 'bias') return !exclusions.bias
		return role !== 'normScale' && role !== 'normShift' ? true : !exclusions.normalisation
	}).map(({ name }) => name))
}
