Console.Error.WriteLine("ML.NET's time series engine is in the full build: dotnet run -c Release -p:Full=true --project bench/ServiMon.Predict.Bench.MlNet");
return 2;
