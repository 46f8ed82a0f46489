namespace Tenet.Kernel.Postgres;

/// <summary>The private PostgreSQL cluster cannot be used. The message is for the person at the terminal: what happened and what to do.</summary>
public sealed class PrivateClusterException(string message, Exception? innerException = null) : Exception(message, innerException);
