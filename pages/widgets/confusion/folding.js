// Labels of one branch ("travel/…") as one row and one column. Folded data are data of the same
// form: the counts added up, a name for what is shown and a side for what it means.

/** Return the data with each branch of `folded` (its side) as one label. */
function fold(data, folded) {
  const lines = linesOf(data, folded);
  const size = data.labels.length;
  const line = [];
  lines.forEach(({ places }, at) => places.forEach((place) => (line[place] = at)));
  line[size] = lines.length;
  const counts = Array.from({ length: lines.length + 1 }, () => new Array(lines.length + 1).fill(0));
  data.counts.forEach((row, i) => row.forEach((n, j) => (counts[line[i]][line[j]] += n)));
  return {
    ...data,
    labels: lines.map(({ name }) => name),
    sides: lines.map(({ side }) => side),
    branchOf: lines.map(({ branch, open }) => branch && { side: branch, open }),
    counts,
    shares: sharesOf(counts),
    orders: data.orders.map(([title, order]) => [title, together(firsts(order, line), lines, folded)]),
    marked: once(data.marked.map(([row, column]) => [line[row], line[column]])),
    line,
  };
}

/** Return what is shown in order: labels by themselves, and branches that are folded. */
function linesOf(data, folded) {
  const branch = new Map();
  for (const [side, spoken, places] of data.branches) {
    for (const place of places) branch.set(place, { side, spoken, places });
  }
  const lines = [];
  data.labels.forEach((label, place) => {
    const own = branch.get(place);
    if (!own || !folded.has(own.side)) {
      lines.push({ name: label, side: label, places: [place], branch: own?.side, open: true });
    } else if (own.places[0] === place) {
      const name = `${own.spoken} (${own.places.length})`;
      lines.push({ name, side: own.side, places: own.places, branch: own.side, open: false });
    }
  });
  return lines;
}

/** Return each count as a share of its row; in the last row as one of its column. */
function sharesOf(counts) {
  const last = counts.length - 1;
  const columns = counts[0].map((_, column) => counts.reduce((all, row) => all + row[column], 0));
  return counts.map((row, at) => {
    const total = row.reduce((all, n) => all + n, 0);
    return row.map((n, column) => n / Math.max(1, at === last ? columns[column] : total));
  });
}

function firsts(order, line) {
  return [...new Set(order.map((place) => line[place]))];
}

/** Put the labels of an open branch beside each other, as long as another one is folded. */
function together(order, lines, folded) {
  if (!folded.size) return order;
  const found = new Set();
  for (const at of order) {
    const { branch } = lines[at];
    for (const other of branch ? order.filter((each) => lines[each].branch === branch) : [at]) found.add(other);
  }
  return [...found];
}

function once(pairs) {
  return [...new Map(pairs.map((pair) => [pair.join(), pair])).values()];
}
