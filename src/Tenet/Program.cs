using Tenet;
using Tenet.Kernel;

var app = TenetHost.Build(args, TenetOptions.FromConfiguration(args));
await app.Services.PrepareAsync(CancellationToken.None);
await app.RunAsync();
