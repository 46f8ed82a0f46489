using Tenet.Commands;

return await TenetCommands.RunAsync(args);
