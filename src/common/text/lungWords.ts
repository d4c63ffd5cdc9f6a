import type { LungFinder } from '../contract/analysis.ts'

/** "62 % of the map lies inside the lungs; they cover 41 % of the film." */
export function lungEnergyWords({ energyShare, areaShare }: { energyShare: number; areaShare: number }, cropped: boolean): string {
	return `${percent(energyShare)} of the map lies inside the lungs; they cover ${percent(areaShare)} of ${cropped ? 'what the network saw' : 'the film'}.`
}

/** "Lungs found by lungs 1.0.0, Dice 0.95 on films of other patients." */
export function lungFinderWords({ model, dice }: LungFinder): string {
	return `Lungs found by ${model.id} ${model.version}${dice === null ? '' : `, Dice ${dice.toFixed(2)} on films of other patients`}.`
}

function percent(share: number): string {
	return `${Math.round(share * 100)} %`
}
