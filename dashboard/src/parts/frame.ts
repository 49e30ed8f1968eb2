/** Work that follows the hand, done no oftener than is seen. */

/** Return how to ask for it in the next frame, however often; and how to let it be. */
export function eachFrame(act: () => void): [ask: () => void, drop: () => void] {
  let frame = 0;
  const run = () => {
    frame = 0;
    act();
  };
  const ask = () => {
    frame ||= requestAnimationFrame(run);
  };
  return [ask, () => cancelAnimationFrame(frame)];
}
