using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("ServiMon.Predict.Storage.Tests")]
