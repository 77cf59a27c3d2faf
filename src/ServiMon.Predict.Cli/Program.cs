using ServiMon.Predict.Cli;

return await CommandLine.RunAsync(args);
