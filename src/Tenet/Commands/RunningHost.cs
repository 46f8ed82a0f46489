namespace Tenet.Commands;

/// <summary>Remembers in the data folder where the host was last reached, so that other commands print links that lead there.</summary>
internal static class RunningHost
{
    public static void Remember(string dataFolder, string address) => File.WriteAllText(FileIn(dataFolder), address + "\n");

    public static string? AddressOf(string dataFolder) =>
        File.Exists(FileIn(dataFolder)) ? File.ReadAllText(FileIn(dataFolder)).Trim() : null;

    private static string FileIn(string dataFolder) => Path.Combine(dataFolder, "address");
}
