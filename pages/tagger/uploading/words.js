// Sizes and times in words.

/** Name a number of bytes: size(1_234_567) is "1.2 MB". */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  for (const [unit, least] of [["TB", 1e12], ["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
    if (bytes >= least) return `${(bytes / least).toFixed(bytes < 10 * least ? 1 : 0)} ${unit}`;
  }
  return "";
}

/** Name a time to wait in seconds: left(75) is "1:15 left". */
export function left(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const whole = Math.max(1, Math.ceil(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)} left` : `${minutes}:${two(whole % 60)} left`;
}

/** Put files of one folder together: [{name, files, folder}], in their order. */
export function grouped(files) {
  const groups = new Map();
  for (const file of files) {
    const [first, ...rest] = file.name.split("/");
    const key = rest.length ? `${first}/` : file;
    if (!groups.has(key)) groups.set(key, { name: first, folder: rest.length > 0, files: [] });
    groups.get(key).files.push(file);
  }
  return [...groups.values()];
}
