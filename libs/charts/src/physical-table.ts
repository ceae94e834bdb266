/** How updates arrived, and what that took. */
import { PHYSICAL_FIGURES, type Estimate, type Tradeoff, type TradeoffRow } from '@airmeta/spec';
import { percentText, quantityText } from './estimate-text.js';
import { textTable, type TableColumn, type TextTable } from './text-table.js';

interface PhysicalColumn {
  readonly title: string;
  readonly text: (estimate: Estimate | null) => string;
}

const COLUMNS: Readonly<Record<(typeof PHYSICAL_FIGURES)[number], PhysicalColumn>> = {
  updateGain: { title: 'update gain c', text: quantityText },
  misalignment: { title: 'misalignment', text: quantityText },
  aggregationNmse: { title: 'aggregation NMSE', text: quantityText },
  silentAgents: { title: 'silent agents %', text: percentText },
  peakPowerWatt: { title: 'peak power [W]', text: quantityText },
  energyJoule: { title: 'energy [J]', text: quantityText },
  channelUses: { title: 'channel uses', text: quantityText },
};

/** Columns that no row has are left out; none at all are left where no run has any. */
export function physicalTable({ rows }: Tradeoff): TextTable {
  const there = PHYSICAL_FIGURES.filter((name) => rows.some(({ physical }) => physical[name]));
  const columns = there.flatMap((name): TableColumn<TradeoffRow>[] => {
    const { title, text } = COLUMNS[name];
    const own = { title, of: ({ physical }: TradeoffRow) => text(physical[name]) };
    return name === 'updateGain' ? [own, { title: 'twin’s c', of: ({ twinUpdateGain }) => text(twinUpdateGain) }] : [own];
  });
  return textTable([{ title: 'point', of: ({ label }) => label }, ...columns], there.length === 0 ? [] : rows);
}
