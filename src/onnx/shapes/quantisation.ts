import { DATA_TYPE } from '../model.ts'
import { given, tensorFacts, type ShapeRule } from './rule.ts'

const quantizeLinear: ShapeRule = (call) => [tensorFacts(call.inputs[2]?.dataType ?? DATA_TYPE.uint8, given(call, 0).dims)]
const dequantizeLinear: ShapeRule = (call) => [tensorFacts(given(call, 1).dataType, given(call, 0).dims)]

export const quantisationRules: Record<string, ShapeRule> = { QuantizeLinear: quantizeLinear, DequantizeLinear: dequantizeLinear }
