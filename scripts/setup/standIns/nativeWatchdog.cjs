// Stands in for VS Code's native module native-watchdog: ends this process when that of the given id is gone.
const everyMilliseconds = 1000;

exports.start = (pid) => {
  const timer = setInterval(() => {
    try {
      process.kill(pid, 0);
    } catch (error) {
      if (error.code === 'ESRCH') process.exit(87);
    }
  }, everyMilliseconds);
  timer.unref();
};
